import ExportCore
import Recordings

/// Finds the picture in a camera's messages.
final class PictureReader {
    private let reader: TopicReader
    private let topic: Topic

    init(reader: TopicReader, topic: Topic) {
        self.reader = reader
        self.topic = topic
    }

    /// The picture in a message, or nil where it holds none that can be told.
    ///
    /// - Throws: `option_unsupported` for video, whose frames cannot be read one by one.
    func picture(in payload: Payload) throws -> ImagePayload? {
        guard let picture = try image(in: payload) else { return nil }
        switch picture.encoding {
        case .jpeg, .png: return picture.size(in: payload) == nil ? nil : picture
        case .raw: return picture
        case .unknown: return nil
        case .h264, .h265, .webp:
            throw ExportError(
                .optionUnsupported,
                "\(topic.name) carries \(name(of: picture.encoding)), which this export cannot take frames from.",
                hint: "Name the cameras that it should take in a mapping: block."
            )
        }
    }

    /// A message that cannot be taken apart holds no picture.
    private func image(in payload: Payload) throws(RecordingError) -> ImagePayload? {
        do throws(RecordingError) {
            return try reader.image(in: payload)
        } catch {
            if error.isCancellation { throw error }
            return nil
        }
    }

    private func name(of encoding: ImagePayload.Encoding) -> String {
        switch encoding {
        case .h264: "H.264 video"
        case .h265: "H.265 video"
        default: "WebP pictures"
        }
    }
}
