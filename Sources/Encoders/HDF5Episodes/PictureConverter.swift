import ExportCore
import Media
import Recordings

/// A picture as packed RGB bytes, row after row.
struct RGBPicture {
    let width: Int
    let height: Int
    let bytes: [UInt8]
}

/// Turns pictures as cameras send them into JPEG or RGB, where they are not that already.
final class PictureConverter {
    private var jpegDecoder: ImageDecoder?
    private var pngDecoder: ImageDecoder?
    private var encoder: JPEGEncoder?
    private var encoded: [String: Int] = [:]

    /// The picture as JPEG, encoded once.
    func jpeg(of picture: ImagePayload, bytes: UnsafeRawBufferPointer, topic: String) throws -> [UInt8] {
        encoded[topic, default: 0] += 1
        let encoder = try encoder ?? JPEGEncoder()
        self.encoder = encoder
        return try encoder.encode(try decode(picture, bytes, topic))
    }

    /// The picture as packed RGB bytes.
    func rgb(of picture: ImagePayload, bytes: UnsafeRawBufferPointer, topic: String) throws -> RGBPicture {
        let decoded = try decode(picture, bytes, topic)
        return RGBPicture(width: decoded.width, height: decoded.height, bytes: try decoded.rgb())
    }

    /// Which topics' pictures were encoded anew, which loses a little.
    func warnings(of dataset: DatasetID) -> [Warning] {
        encoded.sorted { $0.key < $1.key }.map { topic, count in
            Warning(
                "pictures_encoded",
                "The pictures of \(topic) are not JPEG in the recording; \(count) were encoded as JPEG.",
                dataset: dataset
            )
        }
    }

    private func decode(_ picture: ImagePayload, _ bytes: UnsafeRawBufferPointer, _ topic: String) throws -> Picture {
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
        } catch let error as MediaError {
            throw ExportError(.datasetUnreadable, "A picture on \(topic) cannot be used. \(error.description)")
        }
    }
}
