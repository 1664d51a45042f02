import CFFmpeg

/// A video file's first video track, read packet by packet without decoding: MP4, MOV, Matroska, WebM and AVI.
///
/// To be used by one thread at a time. Memory is bounded by the file's own index.
public final class VideoFile {
    /// One coded picture.
    public struct Packet: Hashable, Sendable {
        /// When it is shown, in ticks of the track's time base; nil where the file does not say.
        ///
        /// Edit lists are applied. Of `isTimeOfDecoding` it is when the picture is decoded.
        public let ticks: Int64?
        /// The same in nanoseconds, rounded.
        public let nanoseconds: Int64?
        /// Whether the file tells only when it is decoded, as AVI does: `picturesHeldBack` packets later is when one is shown.
        public let isTimeOfDecoding: Bool
        /// How long it is shown, in nanoseconds; nil where the file does not say.
        public let duration: Int64?
        /// Whether decoding can begin here.
        public let isKeyFrame: Bool
        /// Whether it is shown at all; an edit list may cut it off.
        public let isShown: Bool
        /// Bytes of the coded picture.
        public let byteCount: Int
    }

    /// A fraction, such as a rate in frames a second.
    public struct Fraction: Hashable, Sendable {
        /// The upper number.
        public let numerator: Int
        /// The lower number.
        public let denominator: Int

        init(_ fraction: AVRational) {
            numerator = Int(fraction.num)
            denominator = Int(fraction.den)
        }
    }

    /// Names of the container, such as `matroska,webm`.
    public let container: String
    /// FFmpeg's name of the codec: `av1`, `h264`, `hevc`, `mpeg4`.
    public let codec: String
    /// FFmpeg's name of the layout of pixels, such as `yuv420p`; nil where it is unknown without decoding more.
    public let pixelFormat: String?
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Seconds in a tick.
    public let timeBase: Fraction
    /// Mean frames a second as the file tells; nil where it does not.
    public let averageRate: Fraction?
    /// Frames as the file's header tells; nil where it does not.
    public let declaredFrameCount: Int?
    /// The track's duration in nanoseconds as the file tells, or the file's where it tells that only; nil where neither.
    public let durationNanoseconds: Int64?

    /// How many pictures a decoder has in hand before it shows the first: some where there are B-frames.
    public let picturesHeldBack: Int

    private let input: MediaInput

    /// Opens a file.
    public init(_ path: String) throws(VideoError) {
        input = try MediaInput(path, for: .anyFile)
        let stream = input.stream.pointee
        let parameters = stream.codecpar.pointee
        container = input.container
        codec = String(cString: avcodec_get_name(parameters.codec_id))
        pixelFormat = av_get_pix_fmt_name(AVPixelFormat(parameters.format)).map { String(cString: $0) }
        width = Int(parameters.width)
        height = Int(parameters.height)
        timeBase = Fraction(stream.time_base)
        averageRate = stream.avg_frame_rate.num > 0 && stream.avg_frame_rate.den > 0 ? Fraction(stream.avg_frame_rate) : nil
        declaredFrameCount = stream.nb_frames > 0 ? Int(stream.nb_frames) : nil
        picturesHeldBack = max(0, Int(parameters.video_delay))
        let ofFile = input.durationMicroseconds.flatMap { Self.nanoseconds($0, AVRational(num: 1, den: AV_TIME_BASE)) }
        // Of an AVI that was cut off the library would tell what its bytes might last, rather than what its header says.
        let ticks = container == "avi" && stream.nb_frames > 0 ? stream.nb_frames : stream.duration
        durationNanoseconds = Self.nanoseconds(ticks, stream.time_base) ?? ofFile
    }

    /// The next packet in the order of the file, which is the order of decoding; nil at the end.
    public func next() throws(VideoError) -> Packet? {
        guard let packet = try input.next()?.pointee else { return nil }
        let ticks = [packet.pts, packet.dts].first { $0 != exportd_no_timestamp() }
        return Packet(
            ticks: ticks,
            nanoseconds: ticks.flatMap { nanoseconds(ofTicks: $0) },
            isTimeOfDecoding: packet.pts == exportd_no_timestamp() && ticks != nil,
            duration: packet.duration > 0 ? nanoseconds(ofTicks: packet.duration) : nil,
            isKeyFrame: packet.flags & AV_PKT_FLAG_KEY != 0,
            isShown: packet.flags & AV_PKT_FLAG_DISCARD == 0,
            byteCount: Int(packet.size)
        )
    }

    /// Ticks of the track's time base in nanoseconds, rounded; nil where they are too many.
    public func nanoseconds(ofTicks ticks: Int64) -> Int64? {
        Self.nanoseconds(ticks, input.stream.pointee.time_base)
    }

    static func nanoseconds(_ ticks: Int64, _ timeBase: AVRational) -> Int64? {
        guard ticks != exportd_no_timestamp(), timeBase.num > 0, timeBase.den > 0 else { return nil }
        let nanoseconds = av_rescale_q(ticks, timeBase, AVRational(num: 1, den: 1_000_000_000))
        // What does not fit comes back as the least number.
        return nanoseconds == .min ? nil : nanoseconds
    }
}
