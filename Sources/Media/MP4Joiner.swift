import CFFmpeg

/// Joins videos that `VideoWriter` or `H264Remuxer` made into one, frame after frame, without decoding.
///
/// One input is open at a time; memory grows by the index alone, some hundred bytes a frame. To be used by one thread at a
/// time.
public final class MP4Joiner {
    private let path: String
    private var writer: MP4Writer?
    private var first: Track?

    /// A file that is created with its first video.
    public init(_ path: String) {
        self.path = path
    }

    /// Frames in the file so far.
    public var frameCount: Int { writer?.frameCount ?? 0 }

    /// The file's size in bytes; until it is finished what it would be with the frames so far, or a little more.
    public var byteCount: Int { writer?.byteCount ?? 0 }

    /// Appends all frames of a video and tells their places in the joined one.
    ///
    /// - Throws: `VideoError.unsuitable` where the video is of another kind than the first: codec, size, rate, parameters.
    ///   The joined file is as it was then, and a new one can be started. After any other error it is lost.
    public func append(_ videoPath: String) throws(VideoError) -> Range<Int> {
        let input = try MediaInput(videoPath, for: .ownFile)
        let track = try Track(input)
        if let first, let difference = track.difference(from: first) {
            throw .unsuitable("\(videoPath) cannot be joined to \(path): \(difference)")
        }
        let writer = try startedWriter(input, track)
        let start = writer.frameCount
        while let packet = try input.next() {
            let position = writer.frameCount - start
            guard packet.pointee.pts == Int64(position) * track.frameTicks, packet.pointee.dts == packet.pointee.pts else {
                throw .reading(path: videoPath, reason: "its frame \(position) is not at its place in time")
            }
            guard packet.pointee.flags & AV_PKT_FLAG_CORRUPT == 0 else {
                throw .reading(path: videoPath, reason: "its frame \(position) is cut off")
            }
            try writer.append(packet)
        }
        guard writer.frameCount - start == track.frameCount else {
            throw .reading(path: videoPath, reason: "it ends after \(writer.frameCount - start) of \(track.frameCount) frames")
        }
        return start..<writer.frameCount
    }

    /// The file's writer, which the first video starts.
    private func startedWriter(_ input: MediaInput, _ track: Track) throws(VideoError) -> MP4Writer {
        if let writer { return writer }
        let started = try MP4Writer(path, parameters: input.stream.pointee.codecpar, rate: track.rate)
        writer = started
        first = track
        return started
    }

    /// Closes the file, to which at least one video was appended.
    public func finish() throws(VideoError) {
        guard let writer else { throw .unsuitable("No video was joined into \(path).") }
        try writer.finish()
    }
}

extension MP4Joiner {
    /// What videos must have in common to be joined.
    private struct Track {
        let codec: AVCodecID
        let width: Int32
        let height: Int32
        let rate: AVRational
        let parameterSets: [UInt8]
        let frameTicks: Int64
        let frameCount: Int

        init(_ input: MediaInput) throws(VideoError) {
            let stream = input.stream.pointee
            let parameters = stream.codecpar.pointee
            codec = parameters.codec_id
            width = parameters.width
            height = parameters.height
            rate = stream.avg_frame_rate
            parameterSets = Array(UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
            guard rate.num > 0, rate.den > 0, stream.time_base.num > 0, stream.nb_frames > 0 else {
                throw .reading(path: input.path, reason: "it has no frames or no rate")
            }
            frameCount = Int(stream.nb_frames)
            frameTicks = av_rescale_q(1, rate.inverse, stream.time_base)
            // Not whole: the rate is the mean of a changing one.
            guard AVRational(num: Int32(clamping: frameTicks), den: 1).equals(av_div_q(stream.time_base.inverse, rate)) else {
                throw .reading(path: input.path, reason: "its rate is not constant")
            }
        }

        /// What differs, as the rest of a sentence; nil where nothing does.
        func difference(from other: Track) -> String? {
            let names = (String(cString: avcodec_get_name(codec)), String(cString: avcodec_get_name(other.codec)))
            if codec != other.codec { return "it holds \(names.0), not \(names.1)." }
            if width != other.width || height != other.height {
                return "its frames have \(width)×\(height) pixels, not \(other.width)×\(other.height)."
            }
            if !rate.equals(other.rate) {
                return "it has \(rate.num)/\(rate.den) frames a second, not \(other.rate.num)/\(other.rate.den)."
            }
            if parameterSets != other.parameterSets { return "its \(names.0) parameters are others." }
            return nil
        }
    }
}
