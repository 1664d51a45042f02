import ExportCore
import Files
import Media
import Recordings

/// Reads every frame of a camera: which repeat the one before, and which cannot be decoded.
struct FrameVerification {
    /// What was found.
    struct FrameFindings {
        /// Frames whose bytes are those of the frame before; nil where that says nothing (video files).
        var duplicates: Int?
        /// Frames that cannot be decoded, or whose kind this build cannot decode.
        var undecodable: Int
    }

    private let recording: Recording
    private let topic: Topic
    private let cancellation: Cancellation

    init(_ recording: Recording, _ topic: Topic, cancellation: Cancellation) {
        self.recording = recording
        self.topic = topic
        self.cancellation = cancellation
    }

    /// Reads the frames at some places, in their order.
    func run(_ locations: SpilledArray<PayloadLocation>) throws -> FrameFindings {
        guard let reader = try? TopicReader(recording, topic) else { return FrameFindings(duplicates: nil, undecodable: locations.count) }
        let stills = PictureDecoder(topic: topic.name)
        var video: (codec: VideoCodec, decoder: VideoDecoder)?
        var last: [UInt8] = []
        var result = FrameFindings(duplicates: 0, undecodable: 0)
        var units = 0
        var shown = 0
        for location in locations {
            try cancellation.check()
            do {
                try recording.withPayload(of: topic, at: location) { payload in
                    let image = try reader.image(in: payload)
                    try image.withBytes(in: payload) { bytes in
                        if !bytes.isEmpty, bytes.elementsEqual(last) { result.duplicates? += 1 }
                        last.removeAll(keepingCapacity: true)
                        last.append(contentsOf: bytes)
                        guard let codec = image.encoding.videoCodec else {
                            if try !stills.isPicture(image, bytes) { result.undecodable += 1 }
                            return
                        }
                        let decoder: VideoDecoder
                        if let video, video.codec == codec {
                            decoder = video.decoder
                        } else {
                            decoder = try VideoDecoder(Self.decoder(of: codec))
                            video = (codec, decoder)
                        }
                        units += 1
                        // What is damaged gives no picture, and neither does what leans on it.
                        shown += ((try? decoder.decode(bytes, number: units)) ?? []).count
                    }
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                result.undecodable += 1
            }
        }
        if let video { shown += ((try? video.decoder.drain()) ?? []).count }
        result.undecodable += max(0, units - shown)
        return result
    }

    private static func decoder(of codec: VideoCodec) -> VideoDecoder.Codec {
        switch codec {
        case .h264: .h264
        case .h265: .h265
        case .vp9: .vp9
        case .av1: .av1
        }
    }
}
