import ExportCore
import Media
import Recordings
import Samples

/// A picture as packed RGB bytes, row after row.
struct RGBPicture {
    let width: Int
    let height: Int
    let bytes: [UInt8]
}

/// Turns pictures as cameras send them into JPEG or RGB, where they are not that already.
final class PictureConverter {
    private var decoders: [String: PictureDecoder] = [:]

    /// The picture as JPEG, encoded once.
    func jpeg(of picture: ImagePayload, bytes: UnsafeRawBufferPointer, topic: String) throws -> [UInt8] {
        let decoder = decoder(topic)
        return try decoder.jpeg(of: try decoder.decode(picture, bytes))
    }

    /// A picture of a video as JPEG, encoded once.
    func jpeg(of picture: Picture, topic: String) throws -> [UInt8] {
        try decoder(topic).jpeg(of: picture)
    }

    /// The picture as packed RGB bytes.
    func rgb(of picture: ImagePayload, bytes: UnsafeRawBufferPointer, topic: String) throws -> RGBPicture {
        try rgb(of: try decoder(topic).decode(picture, bytes))
    }

    /// The picture as packed RGB bytes.
    func rgb(of picture: Picture) throws -> RGBPicture {
        RGBPicture(width: picture.width, height: picture.height, bytes: try picture.rgb())
    }

    /// Which topics' pictures were encoded anew, which loses a little.
    func warnings(of dataset: DatasetID) -> [Warning] {
        decoders.filter { $0.value.encoded > 0 }.sorted { $0.key < $1.key }.map { topic, decoder in
            Warning(
                "pictures_encoded",
                "The pictures of \(topic) are not JPEG in the recording; \(decoder.encoded) were encoded as JPEG.",
                dataset: dataset
            )
        }
    }

    private func decoder(_ topic: String) -> PictureDecoder {
        if let known = decoders[topic] { return known }
        let decoder = PictureDecoder(topic: topic)
        decoders[topic] = decoder
        return decoder
    }
}
