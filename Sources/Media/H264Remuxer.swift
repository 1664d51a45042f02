import Bytes
import CFFmpeg
public import ExportCore

/// Puts the H.264 pictures of a recording into an MP4 file as they are, one picture a frame: no pixel changes.
///
/// Every picture is kept, in the order given, and shown at exactly k ÷ rate. What cannot be kept so is refused, and the
/// caller decodes and encodes it instead: a stream that does not begin with a key frame, pictures that are shown in another
/// order than they are coded (B-frames), interlaced pictures, parameters that change, messages of no or several pictures.
/// A recording that lost messages between key frames is not noticed here.
///
/// To be used by one thread at a time. The file is complete once `finish` has returned.
public final class H264Remuxer {
    private let path: String
    private let rate: AVRational
    private let parser: H264Parser
    private var writer: MP4Writer?
    private var size = (width: 0, height: 0)
    private var parameterSets: Set<[UInt8]> = []
    private var lastOrder = 0

    /// A file that is created with its first picture.
    ///
    /// - Parameter rate: frames a second, up to 1000.
    public init(_ path: String, rate: Hertz) throws(VideoError) {
        guard let fraction = rate.fraction else { throw .unsuitable("A video cannot have \(rate) frames a second: 1000 are the most.") }
        self.path = path
        self.rate = fraction
        parser = try H264Parser()
    }

    /// Frames taken so far.
    public var frameCount: Int { writer?.frameCount ?? 0 }
    /// Columns, known from the first picture on.
    public var width: Int { size.width }
    /// Rows, known from the first picture on.
    public var height: Int { size.height }

    /// Appends the next picture: one access unit in the byte stream form of ITU-T H.264, annex B.
    ///
    /// - Throws: `VideoError.unsuitable` where the pictures cannot be kept as they are; the file is of no use then.
    public func append(_ accessUnit: UnsafeRawBufferPointer) throws(VideoError) {
        let units = try Units(accessUnit, frame: frameCount)
        try parser.parse(accessUnit) { (headers, packet) throws(VideoError) in
            try check(headers, units)
            let writer = try startedWriter(headers, units)
            // Other places where decoders can begin, such as recovery points, show whole pictures only some frames later.
            if units.holdsInstantRefresh { packet.pointee.flags |= AV_PKT_FLAG_KEY }
            try writer.append(packet)
            lastOrder = headers.order
        }
    }

    /// Closes the file, which has at least one frame.
    public func finish() throws(VideoError) {
        guard let writer else { throw .unsuitable("A video without frames cannot be written to \(path).") }
        try writer.finish()
    }

    private func check(_ headers: H264Parser.Headers, _ units: Units) throws(VideoError) {
        if writer == nil {
            guard units.holdsInstantRefresh else { throw refusal("is no key frame, so that decoding cannot begin") }
            guard !units.sequenceSets.isEmpty, !units.pictureSets.isEmpty else { throw refusal("comes without its parameter sets") }
            guard headers.width > 0, headers.height > 0 else { throw refusal("tells no size") }
        }
        guard headers.isWholeFrame else { throw refusal("is interlaced or damaged") }
        if writer != nil {
            guard units.parameterSets.allSatisfy(parameterSets.contains) else { throw refusal("changes the stream's parameters") }
            guard units.holdsInstantRefresh || headers.order > lastOrder else {
                throw refusal("is shown before one that was coded earlier (B-frames)")
            }
        }
    }

    private func refusal(_ reason: String) -> VideoError {
        .unsuitable("The H.264 pictures cannot be kept as they are: picture \(frameCount) \(reason).")
    }

    /// The file's writer, which the first picture starts.
    private func startedWriter(_ headers: H264Parser.Headers, _ units: Units) throws(VideoError) -> MP4Writer {
        if let writer { return writer }
        parameterSets = Set(units.parameterSets)
        size = (headers.width, headers.height)
        let extradata: [UInt8] = units.parameterSets.flatMap { (unit: [UInt8]) -> [UInt8] in [0, 0, 0, 1] + unit }
        var parameters = avcodec_parameters_alloc()
        defer { avcodec_parameters_free(&parameters) }
        // The library frees these bytes, and reads a little beyond them.
        let room = extradata.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)
        guard let parameters, let bytes = av_mallocz(room)?.assumingMemoryBound(to: UInt8.self) else {
            throw .codec(MediaError("There is no memory for a video."))
        }
        bytes.update(from: extradata, count: extradata.count)
        parameters.pointee.extradata = bytes
        parameters.pointee.extradata_size = Int32(extradata.count)
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id = AV_CODEC_ID_H264
        parameters.pointee.width = Int32(headers.width)
        parameters.pointee.height = Int32(headers.height)
        let started = try MP4Writer(path, parameters: parameters, rate: rate)
        writer = started
        return started
    }
}

extension H264Remuxer {
    /// The units of one access unit that matter here (ITU-T H.264, table 7-1).
    private struct Units {
        var sequenceSets: [[UInt8]] = []
        var pictureSets: [[UInt8]] = []
        var holdsInstantRefresh = false

        var parameterSets: [[UInt8]] { sequenceSets + pictureSets }

        init(_ bytes: UnsafeRawBufferPointer, frame: Int) throws(VideoError) {
            var pictureCount = 0
            var units = AnnexBUnits(bytes)
            while let unit = units.next() {
                let type = bytes[unit.lowerBound] & 31
                switch type {
                case 1, 2, 5:
                    // A slice begins with the number of its first macroblock; zero is coded as a set bit.
                    if unit.count > 1, bytes[unit.lowerBound + 1] & 128 != 0 { pictureCount += 1 }
                    if type == 5 { holdsInstantRefresh = true }
                case 7: sequenceSets.append(Array(bytes[unit]))
                case 8: pictureSets.append(Array(bytes[unit]))
                default: break
                }
            }
            guard pictureCount == 1 else {
                throw .unsuitable(
                    "The H.264 pictures cannot be kept as they are: message \(frame) holds \(pictureCount) pictures, not one."
                )
            }
        }
    }
}
