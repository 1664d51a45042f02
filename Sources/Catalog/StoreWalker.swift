import Checksums
import ExportCore
import Files
import RecordingNames

/// Walks through one store and finds its datasets by the names in its folders; opens no recording and follows no
/// symbolic link.
///
/// Recordings are `.mcap` and `.bag` files and rosbag2's `.db3`; `.mcap` and `.db3` may be compressed as a whole (`.zstd`).
///
/// - A folder with `data.mcap`, `data.bag` or the like is a dataset; so is one with an `annotation.json` and no recording at all, whose recording
///   is then missing.
/// - A folder with a `metadata.yaml` and `.mcap` or `.db3` files other than `data.…` is a rosbag2 folder, and so is one without
///   any such file whose `metadata.yaml` is rosbag2's.
/// - A folder with `annotations.json` and a folder `images` is an image set.
/// - Every other `STEM.mcap`, `STEM.bag` or `STEM.db3` is a flat recording. A `STEM.dataset.yaml` or `STEM.metadata.yaml` without
///   its recording stands for one that is missing; a lone `STEM.json` does not, since any file may be called so.
///
/// Names that begin with a dot are passed over. Folders are descended into, those of datasets too, except rosbag2 folders,
/// whose files belong together, and the pictures of image sets.
struct StoreWalker {
    /// The absolute path of the store's root, without symbolic links.
    let store: String
    let cancellation: Cancellation
    /// What a person should know of places that were passed over; at most `mostWarnings`.
    private(set) var warnings: [Warning] = []

    /// Folders inside each other below the root.
    static let deepest = 12
    /// Files that a folder's `config/` or a rosbag2 folder may hold.
    static let mostFiles = 10_000
    private static let mostWarnings = 100

    /// A walk through a store.
    init(store: String, cancellation: Cancellation) {
        self.store = store
        self.cancellation = cancellation
    }

    /// Calls `found` with every dataset.
    ///
    /// - Throws: `FileError` where the root itself can't be listed, `CancellationError`, and whatever `found` throws.
    mutating func walk(_ found: (Candidate) throws -> Void) throws {
        let names = try FileSystem.list(store)
        try visit("", names, depth: 0, found)
    }

    private mutating func visit(_ path: String, _ names: [String], depth: Int, _ found: (Candidate) throws -> Void) throws {
        try cancellation.check()
        let folder: Folder
        do throws(FileError) {
            folder = try Folder(store: store, path: path, names: names)
        } catch {
            try found(unreadable(path, error))
            return
        }
        for name in folder.unreadableNames {
            warn("name_unreadable", "\(below(path, name)) in \(store) has a name that is not UTF-8 and is passed over.")
        }

        let recordings = folder.names(where: RecordingFileName.isRecording)
        for name in folder.files.keys.map(\.text).filter(RecordingFileName.isUnfinished).sorted() {
            warn(
                "recording_unfinished",
                "\(below(path, name)) in \(store) is still being recorded, or its recorder died; it is left alone."
            )
        }
        if try isRosbag(folder, recordings) {
            try found(try rosbag(folder))
            return
        }
        let own = RecordingFileName.inFolder.filter(folder.has)
        let looksLikeImageSet = folder.has("annotations.json") && folder.folders.contains("images")
        let isDataset = !own.isEmpty || (folder.has("annotation.json") && recordings.isEmpty && !looksLikeImageSet)
        if isDataset { try found(try dataset(folder, recording: own.first)) }
        let isImageSet = looksLikeImageSet && !isDataset
        if isImageSet { try found(try imageSet(folder)) }
        if looksLikeImageSet, isDataset {
            warn("image_set_not_used", "\(below(path, "annotations.json")) in \(store) is left out, since the folder is a recording's.")
        }
        for name in own.dropFirst() {
            warn(
                "recording_not_used",
                "\(below(path, name)) in \(store) is left out, since \(own[0]) beside it is the dataset's recording."
            )
        }
        for name in flatNames(folder, recordings.filter { !own.contains($0) }) { try found(flat(folder, name)) }

        let hasPictures = folder.has("annotations.json") || folder.has("annotation.json")
        for name in folder.folders where !(isDataset && name == "config") && !(hasPictures && name == "images") {
            if isImageSet, name == "masks" { continue }
            try descend(below(path, name), depth: depth + 1, found)
        }
        for name in folder.links where !folder.isOfInterest(name) {
            warn("symbolic_link_skipped", "\(below(path, name)) in \(store) is a symbolic link; exportd follows none.")
        }
    }

    private mutating func descend(_ path: String, depth: Int, _ found: (Candidate) throws -> Void) throws {
        guard depth <= StoreWalker.deepest else {
            warn("folder_too_deep", "\(path) in \(store) lies more than \(StoreWalker.deepest) folders deep and is passed over.")
            return
        }
        let names: [String]
        do throws(FileError) {
            names = try FileSystem.list("\(store)/\(path)")
        } catch {
            // A folder that vanished between being seen and being listed is no fault.
            if !error.isMissing { try found(unreadable(path, error)) }
            return
        }
        try visit(path, names, depth: depth, found)
    }

    private mutating func warn(_ code: String, _ message: String) {
        if warnings.count < StoreWalker.mostWarnings { warnings.append(Warning(code, message)) }
    }

    private func unreadable(_ path: String, _ error: FileError) -> Candidate {
        var failure = error.exportError
        failure.message = "The folder could not be looked into, so the datasets in it are not known: \(failure.message)"
        return Candidate(store: store, location: path, layout: .folder, failure: failure)
    }

    // MARK: Layouts

    private func isRosbag(_ folder: Folder, _ recordings: [String]) throws -> Bool {
        guard folder.has("metadata.yaml"), !RecordingFileName.inFolder.contains(where: folder.has) else { return false }
        if recordings.contains(where: RecordingFileName.isVolume) { return true }
        // Many a tool writes a metadata.yaml. Its own content tells, and is read only here, where no recording stands
        // beside it: a store of good recordings is walked without opening a file.
        guard folder.files[ExactPath("metadata.yaml")] != nil else { return false }
        guard let bytes = try? OpenFile.reading("\(store)/\(below(folder.path, "metadata.yaml"))", nofollow: true).read(upTo: 1 << 16)
        else {
            return false
        }
        return contains(bytes, Array(RosbagMetadata.mark.utf8))
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first, bytes.count >= part.count else { return false }
        return bytes.indices.dropLast(part.count - 1).contains { bytes[$0] == first && bytes[$0..<($0 + part.count)].elementsEqual(part) }
    }

    private func rosbag(_ folder: Folder) throws -> Candidate {
        var candidate = Candidate(store: store, location: folder.path, layout: .rosbag2)
        let recordings = folder.names(where: RecordingFileName.isVolume)
        let companions = ["metadata.yaml", "device_meta.json", "annotation.json", "align_result.csv", "dataset.yaml"]
        folder.add(recordings + companions + folder.names(where: VideoFileName.isVideo), to: &candidate)
        for name in folder.folders {
            try gather(below(folder.path, name), into: &candidate, depth: 1) { name == "config" || RecordingFileName.isVolume($0) }
        }
        return sorted(candidate)
    }

    private func dataset(_ folder: Folder, recording: String?) throws -> Candidate {
        var candidate = Candidate(store: store, location: folder.path, layout: .folder)
        folder.add((recording.map { [$0] } ?? []) + ["annotation.json", "align_result.csv", "dataset.yaml"], to: &candidate)
        folder.add(folder.names(where: VideoFileName.isVideo), to: &candidate)
        if folder.folders.contains("videos") {
            try gather(below(folder.path, "videos"), into: &candidate, depth: 1, where: VideoFileName.isVideo)
        }
        if folder.folders.contains("config") {
            try gather(below(folder.path, "config"), into: &candidate, depth: 1) { _ in true }
        }
        return sorted(candidate)
    }

    private func imageSet(_ folder: Folder) throws -> Candidate {
        var candidate = Candidate(store: store, location: folder.path, layout: .imageSet)
        folder.add(["annotations.json", "dataset.yaml"], to: &candidate)
        var hash = try SHA256()
        var pictures = PictureDigest()
        for name in ["images", "masks"] where folder.folders.contains(name) {
            try digest(below(folder.path, name), into: &pictures, &hash, depth: 1)
        }
        pictures.digest = try hash.finish().hexadecimal
        candidate.pictures = pictures
        return sorted(candidate)
    }

    /// Adds the files of one of an image set's folders to the hash of its pictures; links and the like count by their names, so
    /// that a picture in place of one is noticed.
    private func digest(_ path: String, into pictures: inout PictureDigest, _ hash: inout SHA256, depth: Int) throws {
        try cancellation.check()
        guard depth <= StoreWalker.deepest else { return }
        let names: [String]
        do throws(FileError) {
            names = try FileSystem.list("\(store)/\(path)")
        } catch {
            if error.isMissing { return }
            throw error
        }
        let folder = try Folder(store: store, path: path, names: names)
        var text = ""
        for file in folder.files.values.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            pictures.files += 1
            pictures.bytes += file.bytes
            text += "\(file.path)\0\(file.bytes)\0\(file.modified.nanoseconds)\n"
        }
        for name in folder.links { text += "\(below(path, name))\0\0\n" }
        try text.withUTF8 { try hash.update(UnsafeRawBufferPointer($0)) }
        for name in folder.folders { try digest(below(path, name), into: &pictures, &hash, depth: depth + 1) }
    }

    /// The names of flat recordings, those included of which only companions are there.
    private func flatNames(_ folder: Folder, _ recordings: [String]) -> [String] {
        let stems = Set(recordings.map(RecordingFileName.stem))
        var lost: Set<String> = []
        for suffix in [".dataset.yaml", ".metadata.yaml"] {
            lost.formUnion(folder.names { $0.hasSuffix(suffix) && $0 != suffix }.map { String($0.dropLast(suffix.utf8.count)) })
        }
        lost.subtract(stems)
        if RecordingFileName.inFolder.contains(where: folder.has) { lost.remove("data") }
        return (recordings + lost.map(RecordingFileName.missing)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func flat(_ folder: Folder, _ name: String) -> Candidate {
        let stem = RecordingFileName.stem(name)
        var candidate = Candidate(store: store, location: below(folder.path, name), layout: .flat)
        folder.add([name] + ([".json", ".metadata.yaml", ".dataset.yaml"] + VideoFileName.extensions).map { stem + $0 }, to: &candidate)
        return sorted(candidate)
    }

    /// Adds the files of a dataset's inner folder.
    private func gather(_ path: String, into candidate: inout Candidate, depth: Int, where isWanted: (String) -> Bool) throws {
        try cancellation.check()
        let folder: Folder
        do throws(FileError) {
            folder = try Folder(store: store, path: path, names: try FileSystem.list("\(store)/\(path)"))
        } catch {
            if !error.isMissing { candidate.obstacles.append(error.description) }
            return
        }
        folder.add((folder.files.keys.map(\.text) + folder.links + folder.specials).filter(isWanted), to: &candidate)
        guard candidate.files.count <= StoreWalker.mostFiles else {
            candidate.files = Array(candidate.files.prefix(StoreWalker.mostFiles))
            candidate.obstacles.append("\(store)/\(path) holds more than \(StoreWalker.mostFiles) files.")
            return
        }
        for name in folder.folders where depth < 3 {
            try gather(below(path, name), into: &candidate, depth: depth + 1, where: isWanted)
        }
    }

    private func sorted(_ candidate: Candidate) -> Candidate {
        var copy = candidate
        copy.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return copy
    }
}

/// The path of a name in a folder below the store's root, which is empty for the root itself.
func below(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : "\(folder)/\(name)"
}

/// One folder's visible names, told apart by what they stand for.
private struct Folder {
    let store: String
    let path: String
    /// Regular files by name; a folder of flat recordings may hold hundreds of thousands.
    private(set) var files: [ExactPath: SourceFile] = [:]
    private(set) var folders: [String] = []
    private(set) var links: [String] = []
    /// FIFOs, sockets, devices.
    private(set) var specials: [String] = []
    /// Names that can't be said in UTF-8, with replacement characters.
    private(set) var unreadableNames: [String] = []

    init(store: String, path: String, names: [String]) throws(FileError) {
        self.store = store
        self.path = path
        let folder = path.isEmpty ? store : "\(store)/\(path)"
        for name in names where !name.hasPrefix(".") {
            guard let status = try FileSystem.statusIfPresent(of: "\(folder)/\(name)") else {
                if name.unicodeScalars.contains("\u{FFFD}") { unreadableNames.append(name) }
                continue
            }
            switch status.kind {
            case .regular:
                files[ExactPath(name)] = SourceFile(path: below(path, name), bytes: status.bytes, modified: status.modified)
            case .directory: folders.append(name)
            case .symbolicLink: links.append(name)
            case .special: specials.append(name)
            }
        }
    }

    /// Whether something other than a folder is called so.
    func has(_ name: String) -> Bool {
        files[ExactPath(name)] != nil || links.contains(name) || specials.contains(name)
    }

    func names(where isWanted: (String) -> Bool) -> [String] {
        (files.keys.map(\.text) + links + specials).filter(isWanted)
    }

    /// Whether a link of this name would be part of a dataset, which then says so itself.
    func isOfInterest(_ name: String) -> Bool {
        RecordingFileName.isRecording(name) || name.hasSuffix(".json") || name.hasSuffix(".yaml") || name == "align_result.csv"
    }

    /// Adds those of some names that are there: files as they are, everything else as an obstacle.
    func add(_ names: [String], to candidate: inout Candidate) {
        for name in names {
            if let file = files[ExactPath(name)] {
                candidate.files.append(file)
            } else if links.contains(name) {
                candidate.obstacles.append("\(store)/\(below(path, name)) is a symbolic link; exportd follows none in a store.")
            } else if specials.contains(name) {
                candidate.obstacles.append("\(store)/\(below(path, name)) is not a regular file.")
            }
        }
    }
}
