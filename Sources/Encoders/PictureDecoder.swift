import ExportCore
import Media
import Recordings
import Samples

/// Decodes one camera's pictures as they are in the recording, and encodes those that are wanted as JPEG and are not.
final class PictureDecoder {
    /// Pictures that were encoded as JPEG so far.
    private(set) var encoded = 0

    private let topic: String
    private var decoders: [ImageDecoder.Format: ImageDecoder] = [:]
    private var encoder: JPEGEncoder?
    /// The picture that was encoded last: one of a slow camera stands for several ticks.
    private var last: (picture: Picture, jpeg: [UInt8])?

    /// A decoder for the pictures of a topic.
    init(topic: String) {
        self.topic = topic
    }

    /// - Throws: `UnusableSample` where the bytes are no picture; `option_unsupported` for kinds that cannot be decoded.
    func decode(_ picture: ImagePayload, _ bytes: UnsafeRawBufferPointer) throws -> Picture {
        do {
            switch picture.encoding {
            case .jpeg: return try decoder(.jpeg).decode(bytes)
            case .png: return try decoder(.png).decode(bytes)
            case .webp: return try decoder(.webp).decode(bytes)
            case .raw(let image):
                guard let layout = PixelLayout(rosEncoding: image.encoding) else {
                    throw ExportError(
                        .optionUnsupported,
                        "\(topic) carries \(image.encoding) values, which are no pictures of 8-bit colours.",
                        hint: "Name the cameras that the export should take in a mapping: block."
                    )
                }
                return try Picture(
                    bytes,
                    layout: layout,
                    width: image.width,
                    height: image.height,
                    step: image.step,
                    isBigEndian: image.isBigEndian
                )
            case .avif, .compressedDepth, .video, .unknown:
                throw ExportError(.optionUnsupported, "\(topic) carries pictures of a kind that this export cannot decode.")
            }
        } catch is MediaError {
            throw UnusableSample()
        }
    }

    /// The size of a picture as it is stored, where that can be told without decoding it.
    func size(of picture: ImagePayload, _ bytes: UnsafeRawBufferPointer) throws -> (width: Int, height: Int)? {
        guard picture.encoding == .jpeg else { return nil }
        return try decoder(.jpeg).size(of: bytes)
    }

    /// The luma of a picture as it is stored, made smaller by a factor, where that is quicker than decoding all of it.
    ///
    /// - Returns: nil where the picture is to be decoded instead.
    func luma(
        of picture: ImagePayload,
        _ bytes: UnsafeRawBufferPointer,
        smallerBy factor: Int
    ) throws -> (pixels: [UInt8], width: Int, height: Int)? {
        guard picture.encoding == .jpeg else { return nil }
        return try decoder(.jpeg).luma(of: bytes, smallerBy: factor)
    }

    /// Whether the bytes can be decoded.
    ///
    /// - Throws: `option_unsupported` for kinds that cannot be.
    func isPicture(_ picture: ImagePayload, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
        do {
            _ = try decode(picture, bytes)
            return true
        } catch is UnusableSample {
            return false
        }
    }

    /// A decoded picture as JPEG, encoded once.
    func jpeg(of picture: Picture) throws -> [UInt8] {
        if let last, last.picture === picture { return last.jpeg }
        let encoder = try encoder ?? JPEGEncoder()
        self.encoder = encoder
        let jpeg = try encoder.encode(picture)
        encoded += 1
        last = (picture, jpeg)
        return jpeg
    }

    private func decoder(_ format: ImageDecoder.Format) throws(MediaError) -> ImageDecoder {
        if let known = decoders[format] { return known }
        let decoder = try ImageDecoder(format)
        decoders[format] = decoder
        return decoder
    }
}
