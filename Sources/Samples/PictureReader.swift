import ExportCore
import Recordings

/// Finds the picture in a camera's messages, where each stands alone.
final class PictureReader {
    /// What a camera sends.
    enum Kind {
        /// Pictures that stand alone.
        case stills
        /// Access units of a video.
        case video(VideoCodec)
    }

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

    /// What kind of camera a message comes from; nil where it holds nothing that can be told.
    func kind(of payload: Payload) throws -> Kind? {
        guard let picture = try image(in: payload), picture.encoding != .unknown else { return nil }
        return picture.encoding.videoCodec.map { .video($0) } ?? .stills
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
