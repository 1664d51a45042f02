import ExportCore
import Files
import Formats
import ImageSets

/// What a part says of its images once faces were looked for: which of them are taken from the set as they are, and which from the part.
final class CoveredImages {
    /// By what an image that was looked at is known again: an image that was exchanged since then was not looked at.
    struct Seal: Hashable {
        /// What stands for an image that the part itself holds.
        static let replaced = Seal(inode: 0, bytes: -1, modified: 0)

        var inode: UInt64
        var bytes: Int64
        var modified: Int64

        init(_ status: FileStatus) {
            self.init(inode: status.inode, bytes: status.bytes, modified: status.modified.nanoseconds)
        }

        fileprivate init(inode: UInt64, bytes: Int64, modified: Int64) {
            self.inode = inode
            self.bytes = bytes
            self.modified = modified
        }
    }

    private static let name = "faces.seals"
    private static let sealSize = 24

    private let folder: String
    private let seals: OpenFile

    /// Opens what a part left.
    init(part folder: String) throws(FileError) {
        self.folder = folder
        seals = try .reading("\(folder)/\(Self.name)")
    }

    /// By what the image is known that was looked at.
    ///
    /// - Parameter position: of the image in the part's table.
    func seal(at position: Int) throws -> Seal {
        let bytes = try seals.read(at: Int64(position * Self.sealSize), count: Self.sealSize)
        guard bytes.count == Self.sealSize else {
            throw ExportError(.internal, "An image was to be exported that no detector has looked at.")
        }
        return bytes.withUnsafeBytes { bytes in
            Seal(
                inode: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes: bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self),
                modified: bytes.loadUnaligned(fromByteOffset: 16, as: Int64.self)
            )
        }
    }

    /// Opens what the part holds in place of an image of the set.
    func replacement(at position: Int) throws(FileError) -> OpenFile {
        try .reading(Self.path(of: position, in: folder))
    }

    /// The failure for an image that is no longer the one that was looked at.
    static func changed(_ file: String, of dataset: DatasetID) -> ExportError {
        ExportError(
            .datasetUnreadable,
            "The image \(file) of \(dataset) was changed while the set was exported, so that nobody has looked for faces in it.",
            hint: "Retry the job once nobody changes the set any more.",
            location: .init(dataset: dataset)
        )
    }

    /// Writes what assembly is to know.
    static func write(_ seals: [Int: Seal], count: Int, to folder: String) throws {
        let path = "\(folder)/\(name)"
        try FileSystem.removeFile(path)
        let file = try OpenFile.creating(path)
        var bytes: [UInt8] = []
        for position in 0..<count {
            guard let seal = seals[position] else { throw ExportError(.internal, "An image was not looked at for faces.") }
            withUnsafeBytes(of: (seal.inode, seal.bytes, seal.modified)) { bytes.append(contentsOf: $0) }
            if bytes.count >= 1 << 20 {
                try file.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(bytes)
    }

    /// Where a part keeps the images that take the place of the set's.
    static func folder(in part: String) -> String { "\(part)/covered" }

    /// Where it keeps one of them.
    static func path(of position: Int, in part: String) -> String { "\(folder(in: part))/\(position)" }
}

/// Where an image of an export is taken from.
struct ImageSource {
    let files: ImageFiles
    /// What is to be taken in place of the set's images; nil where faces are not covered.
    let covered: CoveredImages?
    /// The image's position in its part's table.
    let position: Int

    /// Opens the image that is exported.
    ///
    /// - Throws: `ImageFiles.Unusable`; `dataset_unreadable` where it is not the one in which faces were looked for.
    func open(_ image: ExportedImage) throws -> OpenFile {
        if let covered, try covered.seal(at: position) == .replaced { return try covered.replacement(at: position) }
        let file = try files.open(image.image.file)
        try check(file, of: image)
        return file
    }

    /// Makes sure that a file is the one in which faces were looked for; called again once it was read.
    func check(_ file: borrowing OpenFile, of image: ExportedImage) throws {
        guard let seal = try covered?.seal(at: position), seal != .replaced else { return }
        guard CoveredImages.Seal(try file.status()) == seal else { throw CoveredImages.changed(image.image.file, of: image.dataset) }
    }
}

extension ImageFormat {
    /// Whether faces are covered in the images of the package.
    var coversFaces: Bool { contents.includesImages && contents.faceBlur != nil }
}
