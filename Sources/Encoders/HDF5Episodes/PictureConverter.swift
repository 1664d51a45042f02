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
    private var decoders: [ImageDecoder.Format: ImageDecoder] = [:]
    private var encoder: JPEGEncoder?
    /// How many pictures of each topic were encoded.
    private var encoded: [String: Int] = [:]
    /// The picture of each video that was encoded last: a slow camera's stands for several ticks.
    private var last: [String: (picture: Picture, jpeg: [UInt8])] = [:]

    /// The picture as JPEG, encoded once.
    func jpeg(of picture: ImagePayload, bytes: UnsafeRawBufferPointer, topic: String) throws -> [UInt8] {
        try encode(try decode(picture, bytes, topic), topic)
    }

    /// A picture of a video as JPEG, encoded once.
    func jpeg(of picture: Picture, topic: String) throws -> [UInt8] {
        if let last = last[topic], last.picture === picture { return last.jpeg }
        let jpeg = try encode(picture, topic)
        last[topic] = (picture, jpeg)
        return jpeg
    }

    /// The picture as packed RGB bytes.
    func rgb(of picture: ImagePayload, bytes: UnsafeRawBufferPointer, topic: String) throws -> RGBPicture {
        try rgb(of: try decode(picture, bytes, topic))
    }

    /// The picture as packed RGB bytes.
    func rgb(of picture: Picture) throws -> RGBPicture {
        RGBPicture(width: picture.width, height: picture.height, bytes: try picture.rgb())
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

    private func encode(_ picture: Picture, _ topic: String) throws -> [UInt8] {
        encoded[topic, default: 0] += 1
        let encoder = try encoder ?? JPEGEncoder()
        self.encoder = encoder
        return try encoder.encode(picture)
    }

    private func decode(_ picture: ImagePayload, _ bytes: UnsafeRawBufferPointer, _ topic: String) throws -> Picture {
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
        } catch let error as MediaError {
            throw ExportError(.datasetUnreadable, "A picture on \(topic) cannot be used. \(error.description)")
        }
    }

    private func decoder(_ format: ImageDecoder.Format) throws(MediaError) -> ImageDecoder {
        if let known = decoders[format] { return known }
        let decoder = try ImageDecoder(format)
        decoders[format] = decoder
        return decoder
    }
}
