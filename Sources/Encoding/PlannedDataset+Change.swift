import ExportCore
import Files
import Plans

extension PlannedDataset {
    /// What has become of its files since the plan was made; nil where they are as they were.
    ///
    /// Only what was planned with may become a part, since parts are named by it: not a recording that is still being written, nor
    /// what a symbolic link leads to that took a file's place, which the job's user might not be allowed to see.
    ///
    /// - Throws: `FileError` where the store does not answer.
    func change() throws(FileError) -> ExportError? {
        var folders: Set<String> = []
        for file in files {
            let names = file.path.split(separator: "/")
            for depth in names.indices.dropLast() where folders.insert(names[...depth].joined(separator: "/")).inserted {
                let folder = "\(store)/\(names[...depth].joined(separator: "/"))"
                guard let status = try FileSystem.statusIfPresent(of: folder) else { return Self.changed(folder, "is gone") }
                guard status.kind == .directory else { return Self.changed(folder, "is no folder any more") }
            }
            let path = "\(store)/\(file.path)"
            guard let status = try FileSystem.statusIfPresent(of: path) else { return Self.changed(path, "is gone") }
            guard status.kind == .regular else { return Self.changed(path, "is no regular file any more") }
            guard status.bytes == file.bytes, status.modified == file.modified else { return Self.changed(path, "was changed") }
        }
        return nil
    }

    private static func changed(_ path: String, _ what: String) -> ExportError {
        ExportError(
            .datasetUnreadable,
            "\(path) \(what) since the job was planned.",
            hint: "Retry the job when nothing writes to the dataset any more."
        )
    }
}
