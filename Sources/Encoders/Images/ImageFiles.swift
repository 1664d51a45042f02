import ExportCore
import Files
import Geometry
import Glibc
import ImageSets
import Media
import Recordings

/// The files of one image set: images and masks below its folder, never through a symbolic link.
final class ImageFiles {
    /// What there is to say of an image's file.
    enum Finding {
        /// A picture of this size as it is displayed.
        case picture(width: Int, height: Int, isTurned: Bool, isCutOff: Bool)
        case fault(ImageFault)
    }

    private let folder: String
    /// Folders below the set's that were looked at: whether they are folders and no links.
    private var folders: [ExactPath: ImageFault?] = [:]
    private var decoder: ImageDecoder?

    private static let mostMaskBytes = 64 << 20

    /// - Parameter folder: the set's folder.
    init(folder: String) {
        self.folder = folder
    }

    /// A file that is not there, or is no plain file below the set's folder.
    struct Unusable: Error {
        let fault: ImageFault
    }

    /// Opens a file of the set.
    ///
    /// - Parameter path: below the set's folder, its steps checked.
    /// - Throws: `Unusable`; `FileError` for faults of the machine.
    func open(_ path: String) throws -> OpenFile {
        if let fault = try fault(ofFolder: FileSystem.parent(of: path)) { throw Unusable(fault: fault) }
        do {
            let file = try OpenFile("\(folder)/\(path)", flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            guard try file.status().kind == .regular else { throw Unusable(fault: .unreadable) }
            return file
        } catch let error as FileError {
            if error.isMissing { throw Unusable(fault: .missing) }
            if error.errno == ELOOP { throw Unusable(fault: .linked) }
            throw error
        }
    }

    private func fault(ofFolder path: String) throws(FileError) -> ImageFault? {
        if path == "." { return nil }
        if let known = folders[ExactPath(path)] { return known }
        var fault = try fault(ofFolder: FileSystem.parent(of: path))
        if fault == nil {
            switch try FileSystem.statusIfPresent(of: "\(folder)/\(path)")?.kind {
            // Sets whose images lie elsewhere often come with an empty folder for them.
            case .directory: fault = try FileSystem.isEmptyDirectory("\(folder)/\(path)") ? .missing : nil
            case .symbolicLink: fault = .linked
            case nil, .regular, .special: fault = .missing
            }
        }
        folders[ExactPath(path)] = .some(fault)
        return fault
    }

    /// Looks at an image's first bytes.
    func look(at path: String) throws -> Finding {
        let file: OpenFile
        do {
            file = try open(path)
        } catch let error as Unusable {
            return .fault(error.fault)
        }
        // Most headers are short; what cameras put before a JPEG's size may take megabytes.
        for count in [1 << 12, 1 << 17, 1 << 23] {
            let bytes = try file.read(at: 0, count: count)
            if let size = bytes.withUnsafeBytes({ PictureHeader($0) }) {
                let isCutOff = try Self.isCutOff(file, head: bytes)
                return .picture(width: size.width, height: size.height, isTurned: size.isTurned, isCutOff: isCutOff)
            }
            if bytes.count < count { break }
        }
        return .fault(.unreadable)
    }

    private static func isCutOff(_ file: borrowing OpenFile, head: [UInt8]) throws -> Bool {
        let size = try file.status().bytes
        let start = max(0, size - Int64(PictureEnd.bytes))
        let tail = try size <= Int64(head.count) ? Array(head.suffix(PictureEnd.bytes)) : file.read(at: start, count: PictureEnd.bytes)
        return PictureEnd.isMissing(head: head, tail: tail, size: size)
    }

    /// Reads a mask: every pixel that is not black is inside.
    ///
    /// - Returns: nil where there is no such PNG.
    func mask(_ path: String) throws -> RunLengthMask? {
        let bytes: [UInt8]
        do {
            bytes = try open(path).read(at: 0, count: Self.mostMaskBytes + 1)
        } catch is Unusable {
            return nil
        }
        guard bytes.count <= Self.mostMaskBytes else { return nil }
        let decoder = try self.decoder ?? ImageDecoder(.png)
        self.decoder = decoder
        guard let picture = try? bytes.withUnsafeBytes({ try decoder.decode($0) }), let pixels = try? picture.rgb() else { return nil }
        return Self.mask(of: pixels, width: picture.width, height: picture.height)
    }

    private static func mask(of pixels: [UInt8], width: Int, height: Int) -> RunLengthMask? {
        var runs: [UInt32] = []
        var run: UInt32 = 0
        var isInside = false
        for x in 0..<width {
            for y in 0..<height {
                let place = 3 * (y * width + x)
                let isSet = pixels[place] != 0 || pixels[place + 1] != 0 || pixels[place + 2] != 0
                if isSet != isInside {
                    runs.append(run)
                    run = 0
                    isInside = isSet
                }
                run += 1
            }
        }
        runs.append(run)
        return try? RunLengthMask(width: width, height: height, runs: runs)
    }
}

/// The size of a picture as it is displayed, from its first bytes: JPEG, PNG, BMP, GIF, WebP.
struct PictureHeader {
    let width: Int
    let height: Int
    /// Whether it is stored turned or mirrored.
    let isTurned: Bool

    /// Reads a header; nil where there is none, or it is not whole.
    init?(_ bytes: UnsafeRawBufferPointer) {
        func little(_ offset: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        func big(_ offset: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) } }
        if let header = JPEGHeader(bytes) {
            isTurned = header.orientation != .upright
            let isOnItsSide = header.orientation.rawValue >= 5
            width = isOnItsSide ? header.height : header.width
            height = isOnItsSide ? header.width : header.height
            return
        }
        isTurned = false
        // PNG, 11.2.2; GIF89a, 18; BITMAPINFOHEADER; WebP container: VP8X, VP8L, VP8.
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        if bytes.count >= 24, bytes.starts(with: png), bytes[12..<16].elementsEqual("IHDR".utf8) {
            (width, height) = (big(16, 4), big(20, 4))
        } else if bytes.count >= 10, bytes.starts(with: "GIF8".utf8) {
            (width, height) = (little(6, 2), little(8, 2))
        } else if bytes.count >= 26, bytes.starts(with: "BM".utf8), little(14, 4) >= 40 {
            // A height below 0 says that the first row is the upper one.
            let rows = Int(Int32(truncatingIfNeeded: little(22, 4)))
            (width, height) = (little(18, 4), abs(rows))
        } else if bytes.count >= 30, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) {
            if bytes[12..<16].elementsEqual("VP8X".utf8) {
                (width, height) = (little(24, 3) + 1, little(27, 3) + 1)
            } else if bytes[12..<16].elementsEqual("VP8L".utf8), bytes[20] == 0x2F {
                let bits = little(21, 4)
                (width, height) = (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
            } else if bytes[12..<16].elementsEqual("VP8 ".utf8), bytes[23] == 0x9D, bytes[24] == 0x01, bytes[25] == 0x2A {
                (width, height) = (little(26, 2) & 0x3FFF, little(28, 2) & 0x3FFF)
            } else {
                return nil
            }
        } else {
            return nil
        }
        guard width > 0, height > 0 else { return nil }
    }
}
