import ExportCore
import Files

/// A recording that a person names by its path, in a store or anywhere else.
public enum NamedRecording {
    /// The files of the recording at a path: the file itself, or those that a folder's `metadata.yaml` or their names tell.
    ///
    /// - Parameter path: a recording's file, a rosbag2 folder, or a dataset's folder with `data.mcap`, `data.bag` or `data.db3`.
    /// - Returns: the volumes in their order, whether or not they can be read.
    /// - Throws: `FileError` where there is nothing at the path; `ExportError` where a folder holds no recording.
    public static func volumes(at path: String) throws -> [String] {
        guard try FileSystem.status(of: FileSystem.realPath(path)).kind == .directory else { return [path] }
        let folder = path.hasSuffix("/") && path.utf8.count > 1 ? String(path.dropLast()) : path
        let metadata = "\(folder)/metadata.yaml"
        if FileSystem.exists(metadata) {
            let bytes = try OpenFile.reading(metadata).read(upTo: RosbagMetadata.sizeLimit + 1)
            return try RosbagMetadata.read(bytes, file: metadata).volumes.map { name in
                let names = RecordingFileName.possibleNames(ofVolume: name)
                return "\(folder)/\(names.first { FileSystem.exists("\(folder)/\($0)") } ?? name)"
            }
        }
        guard let name = RecordingFileName.inFolder.first(where: { FileSystem.exists("\(folder)/\($0)") }) else {
            throw ExportError(
                .requestInvalid,
                "\(path) is a folder without a recording.",
                hint: "Name a file, a folder with data.mcap, data.bag or data.db3, or a rosbag2 folder with its metadata.yaml.",
                location: .init(file: path)
            )
        }
        return ["\(folder)/\(name)"]
    }
}
