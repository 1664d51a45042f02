import ExportCore
import Media
import Recordings
import Samples

/// Decodes one camera's pictures as they are in the recording.
final class PictureDecoder {
    /// Pictures that were encoded as JPEG so far.
    private(set) var encoded = 0

    private let topic: String
    private var jpegDecoder: ImageDecoder?
    private var pngDecoder: ImageDecoder?
    private var encoder: JPEGEncoder?

    /// A decoder for the pictures of a topic.
    init(topic: String) {
        self.topic = topic
    }

    /// - Throws: `UnusableSample` where the bytes are no picture; `option_unsupported` for kinds that cannot be decoded.
    func decode(_ picture: ImagePayload, _ bytes: UnsafeRawBufferPointer) throws -> Picture {
        do {
            switch picture.encoding {
            case .jpeg:
                let decoder = try jpegDecoder ?? ImageDecoder(.jpeg)
                jpegDecoder = decoder
                return try decoder.decode(bytes)
            case .png:
                let decoder = try pngDecoder ?? ImageDecoder(.png)
                pngDecoder = decoder
                return try decoder.decode(bytes)
            case .raw(let image):
                guard let layout = PixelLayout(rosEncoding: image.encoding) else {
                    throw ExportError(
                        .optionUnsupported,
                        "\(topic) carries \(image.encoding) values, which are no pictures of 8-bit colours.",
                        hint: "Name the cameras that the export should take in a mapping: block."
                    )
                }
                return try Picture(bytes, layout: layout, width: image.width, height: image.height, step: image.step)
            case .webp, .h264, .h265, .unknown:
                throw ExportError(.optionUnsupported, "\(topic) carries pictures of a kind that this export cannot decode.")
            }
        } catch is MediaError {
            throw UnusableSample()
        }
    }

    /// A decoded picture as JPEG.
    func jpeg(of picture: Picture) throws -> [UInt8] {
        encoded += 1
        let encoder = try encoder ?? JPEGEncoder()
        self.encoder = encoder
        return try encoder.encode(picture)
    }
}
