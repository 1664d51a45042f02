import ExportCore
import Recordings

/// Finds the picture in a camera's messages, where each stands alone.
final class PictureReader {
    private let reader: TopicReader
    private let topic: Topic

    init(reader: TopicReader, topic: Topic) {
        self.reader = reader
        self.topic = topic
    }

    /// The picture in a message, or nil where it holds none that can be told.
    ///
    /// - Throws: `option_unsupported` for AVIF and for depth.
    func picture(in payload: Payload) throws -> ImagePayload? {
        guard let picture = try image(in: payload) else { return nil }
        switch picture.encoding {
        case .jpeg, .png: return picture.size(in: payload) == nil ? nil : picture
        case .raw, .webp: return picture
        // Video is found by its first message and read otherwise; among pictures an access unit is a stray.
        case .unknown, .video: return nil
        case .avif: throw unsupported("pictures in AVIF, which cannot be decoded")
        case .compressedDepth: throw unsupported("depth, which does not fit pictures of 8-bit colours")
        }
    }

    /// How the video is coded of which a message is an access unit; `.some(nil)` for a picture that stands alone, nil
    /// where it is neither.
    func videoCodec(in payload: Payload) throws -> VideoCodec?? {
        guard let picture = try image(in: payload), picture.encoding != .unknown else { return nil }
        return .some(picture.encoding.videoCodec)
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

    private func unsupported(_ what: String) -> ExportError {
        ExportError(
            .optionUnsupported,
            "\(topic.name) carries \(what).",
            hint: "Name the cameras that the export should take in a mapping: block."
        )
    }
}
