import Checksums
import ExportCore
import RecordingNames

/// A dataset that a walk through a store came across: where it lies and what its files looked like, before any is opened.
struct Candidate: Sendable {
    /// The absolute path of the store's root.
    var store: String
    /// The folder below the root, or the path of a flat recording with its `.mcap`, `.bag` or `.db3`; empty where the root is the dataset.
    var location: String
    /// How it lies in the store.
    var layout: DatasetLayout
    /// The files that may belong to it, sorted by path.
    var files: [SourceFile] = []
    /// What the pictures of an image set are, all together: there are too many to be listed one by one.
    var pictures: PictureDigest?
    /// Why some of its files can't be used, as sentences: symbolic links, devices, a folder within that can't be listed.
    var obstacles: [String] = []
    /// Why nothing is known of it, where its folder could not even be listed.
    var failure: ExportError?

    /// The identifier that it has where no other dataset lays claim to the same one: its path below the store without
    /// what makes it a recording, or the store folder's name where the store itself is the dataset.
    var plainID: String {
        guard layout == .flat else { return location.isEmpty ? Candidate.lastComponent(of: store) : location }
        return RecordingFileName.stem(location)
    }

    /// The folder below the root in which its files lie; empty for the root itself.
    var folder: String {
        guard layout == .flat else { return location }
        guard let slash = location.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(location[..<slash])
    }

    /// The file at a path relative to the store's root, where it is there and regular.
    func file(_ path: String) -> SourceFile? {
        files.first { $0.path == path }
    }

    /// What changes whenever one of its files does: a scan opens a dataset again only where this is new.
    func stamp() throws(ChecksumError) -> String {
        var text = "\(layout.rawValue)\n"
        for obstacle in obstacles { text += "\(obstacle)\n" }
        if let pictures { text += "\(pictures.digest)\n" }
        return try Fingerprint.of(files, after: text)
    }

    static func lastComponent(of path: String) -> String {
        String(path.split(separator: "/").last ?? "store")
    }
}

/// The pictures and masks of an image set: how much they are, and a hash that changes when one of their paths, sizes or times does.
struct PictureDigest: Hashable, Codable, Sendable {
    var files = 0
    var bytes: Int64 = 0
    var digest = ""
}

/// The hash by which files are told from what they were: SHA-256 over their paths, sizes and times, never their content.
enum Fingerprint {
    /// The fingerprint of some files, as 64 lower-case hexadecimal digits.
    static func of(_ files: [SourceFile], after prefix: String = "") throws(ChecksumError) -> String {
        var text = prefix
        for file in files {
            // A file's name holds no NUL, so that two lists never make the same text.
            text += "\(file.path)\0\(file.bytes)\0\(file.modified.nanoseconds)\n"
        }
        return try SHA256.digest(of: text).hexadecimal
    }
}
