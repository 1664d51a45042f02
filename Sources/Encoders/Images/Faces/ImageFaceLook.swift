import ExportCore
import Faces
import Files
import Formats
import Media
import Recordings

/// Looks for faces in image files and makes them unrecognisable.
///
/// Used by one thread at a time.
final class ImageFaceLook {
    /// Files with more bytes or pixels are not looked at: they would take too much memory.
    static let mostBytes = 64 << 20
    private static let mostPixels = 8_192 * 4_352

    /// What a file is exported as.
    enum Outcome {
        /// Its first bytes as they are; no face was found in it.
        case kept(count: Int)
        /// Other bytes.
        case covered([UInt8], areas: [FaceArea])
        /// Nothing: it cannot be looked at, or could not be written again.
        case leftOut
    }

    private let blur: FaceBlur
    private let finder: StillFaceFinder
    private let encoder: StillEncoder
    private var decoders: [StillFile.Kind: ImageDecoder] = [:]

    /// Opens the detectors.
    init(_ blur: FaceBlur) throws {
        self.blur = blur
        finder = try StillFaceFinder(blur.search, check: blur.check)
        encoder = try StillEncoder()
    }

    /// The detectors with their versions.
    var detector: String { finder.detector }

    /// Whether a file can be looked at and could be written again.
    func canLook(at bytes: UnsafeRawBufferPointer) -> Bool {
        guard let (_, picture) = decoded(bytes) else { return false }
        return (try? picture.covering([], blur)) != nil
    }

    /// Looks at a file.
    ///
    /// - Throws: what a detector throws.
    func look(at bytes: UnsafeRawBufferPointer) throws -> Outcome {
        guard let (file, picture) = decoded(bytes) else { return .leftOut }
        let orientation = file.kind == .jpeg ? JPEGHeader(bytes)?.orientation ?? .upright : .upright
        let seen = SeenPicture(picture, orientation: orientation)
        guard let turn = try? seen.turn(), (try? picture.gray()) != nil else { return .leftOut }
        let areas = try finder.areas(in: seen)
        guard !areas.isEmpty else { return .kept(count: file.count) }
        do throws(MediaError) {
            let veiled = try picture.covering(areas, blur, turn: turn)
            let made =
                switch file.kind {
                case .jpeg: try encoder.jpeg(veiled, like: bytes, orientation: orientation.rawValue)
                case .png: try encoder.png(veiled)
                case .webp: try encoder.webp(veiled)
                case .bmp: try encoder.bmp(veiled)
                }
            return .covered(made, areas: areas)
        } catch {
            return .leftOut
        }
    }

    private func decoded(_ bytes: UnsafeRawBufferPointer) -> (StillFile, Picture)? {
        guard let header = PictureHeader(bytes), header.width * header.height <= Self.mostPixels, let file = StillFile(bytes),
            let decoder = try? decoder(file.kind),
            let picture = try? decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[..<file.count]))
        else { return nil }
        return (file, picture)
    }

    private func decoder(_ kind: StillFile.Kind) throws(MediaError) -> ImageDecoder {
        if let known = decoders[kind] { return known }
        let decoder = try ImageDecoder(kind.decoder)
        decoders[kind] = decoder
        return decoder
    }
}

extension ImageFiles {
    /// Whether faces can be looked for in an image, and covered.
    func canBeLookedAt(_ path: String, by look: ImageFaceLook) throws -> Bool {
        guard let file = try? open(path) else { return false }
        let bytes = try file.read(at: 0, count: ImageFaceLook.mostBytes + 1)
        return bytes.count <= ImageFaceLook.mostBytes && bytes.withUnsafeBytes { look.canLook(at: $0) }
    }
}
