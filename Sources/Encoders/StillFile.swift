import Media
import Recordings

/// An image file of which all that it shows is known: one still picture, and where its bytes end.
///
/// What is behind that end, such as the second picture or the video that telephones append to a JPEG, is no part of it: nobody looks at it
/// for faces.
struct StillFile {
    /// What it is coded as.
    enum Kind: Hashable {
        case jpeg
        case png
        case webp
        case bmp

        /// What decodes it.
        var decoder: ImageDecoder.Format {
            switch self {
            case .jpeg: .jpeg
            case .png: .png
            case .webp: .webp
            case .bmp: .bmp
            }
        }
    }

    let kind: Kind
    /// The length of the picture itself.
    let count: Int

    /// - Returns: nil for files of another kind, that end too soon, or that show several pictures one after another.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let kind: Kind
        let end: Int?
        if bytes.starts(with: [0xFF, 0xD8]) {
            (kind, end) = (.jpeg, Self.endOfJPEG(bytes))
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            (kind, end) = (.png, Self.endOfPNG(bytes))
        } else if bytes.count >= 30, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) {
            (kind, end) = (.webp, Self.endOfWebP(bytes))
        } else if bytes.count >= 26, bytes.starts(with: "BM".utf8) {
            (kind, end) = (.bmp, bytes.count)
        } else {
            return nil
        }
        guard let end else { return nil }
        self.kind = kind
        count = end
    }

    /// Behind the marker that ends the image (ITU-T T.81, B.1.1.2 and B.2).
    private static func endOfJPEG(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var place = 2
        var isInScan = false
        while place + 1 < bytes.count {
            guard bytes[place] == 0xFF else {
                guard isInScan else { return nil }
                place += 1
                continue
            }
            switch bytes[place + 1] {
            case 0xD9: return place + 2
            // Fill bytes; stuffed bytes and restarts within a scan.
            case 0xFF: place += 1
            case 0x00, 0x01, 0xD0...0xD7: place += 2
            case 0xD8: return nil
            case let marker:
                guard place + 3 < bytes.count else { return nil }
                place += 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
                isInScan = marker == 0xDA
            }
        }
        return nil
    }

    /// Behind the last chunk (PNG, 5.3); an animation has a chunk of its own (APNG).
    private static func endOfPNG(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var place = 8
        while bytes.count - place >= 12 {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
            guard length <= bytes.count - place - 12 else { return nil }
            let name = bytes[place + 4..<place + 8]
            if name.elementsEqual("acTL".utf8) { return nil }
            place += 12 + length
            if name.elementsEqual("IEND".utf8) { return place }
        }
        return nil
    }

    /// Behind the container; the second bit of the flags says that it moves (RFC 9649, 2.7).
    private static func endOfWebP(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let length = (0..<4).reduce(0) { $0 | Int(bytes[4 + $1]) << (8 * $1) }
        guard length >= 22, length <= bytes.count - 8 else { return nil }
        let moves = bytes[12..<16].elementsEqual("VP8X".utf8) && bytes[20] & 2 != 0
        return moves ? nil : 8 + length
    }
}
