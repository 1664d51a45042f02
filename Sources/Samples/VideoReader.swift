public import ExportCore
public import Files
public import Media
public import Recordings

/// Decodes the pictures of a topic whose messages are the access units of one video.
///
/// Samples are asked for in order of time, and each access unit is decoded once: from the key frame at or before the first
/// sample on, also those that nobody asks for. Who goes back, or far ahead, begins again at a key frame. The order of time is
/// taken for the order of the stream.
///
/// What follows a break (a lost message, damage) is of no use until the next key frame, and gives no pictures.
public final class VideoReader {
    /// More pictures than this no decoder holds back, so that one that has not come out by then does not come.
    private static let maximumDelay = 17
    /// So many access units are rather decoded than a key frame looked for among them.
    private static let shortWay = 30

    private let recording: Recording
    private let topic: Topic
    private let reader: TopicReader
    /// How the pictures are coded.
    let codec: VideoCodec
    private let decoder: VideoDecoder
    private let cancellation: Cancellation
    /// All messages of the topic, in order of time.
    private let units: SpilledArray<PayloadLocation>
    /// The messages that count as samples, by their positions among all.
    public private(set) var samples: SpilledArray<Int>
    private var firstKeyFrame: Int
    /// The access unit that the decoder is to get next; nil where it must begin at a key frame.
    private var next: Int?
    /// Access units from a break to the next key frame.
    private var lost = 0..<0
    /// Pictures that have been decoded and may still be asked for, by the positions of their access units.
    private var ready: [Int: Picture] = [:]
    /// Access units of which a picture came out since decoding began at a key frame; those of long ago are forgotten.
    private var arrived: Set<Int> = []
    /// Access units that came out as more than one picture so far, of which one is handed out.
    public private(set) var crowded: Set<Int> = []
    /// The access unit that was asked for last.
    private var last = 0
    /// Where the video breaks off, and why.
    private var breaks: [Int: String] = [:]

    /// A reader of a topic's video, whose samples are the messages from the first key frame on.
    ///
    /// - Parameter locations: all messages of the topic, in order of time.
    /// - Throws: `dataset_unreadable` where there is no key frame.
    public init(
        _ recording: Recording,
        _ topic: Topic,
        codec: VideoCodec,
        locations: SpilledArray<PayloadLocation>,
        cancellation: Cancellation
    ) throws {
        self.recording = recording
        self.topic = topic
        self.codec = codec
        self.cancellation = cancellation
        reader = try TopicReader(recording, topic)
        decoder = try VideoDecoder(codec.decoder)
        units = locations
        samples = SpilledArray([])
        firstKeyFrame = 0
        guard let first = try keyFrame(from: 0) else {
            throw ExportError(
                .datasetUnreadable,
                "The \(codec.name) video of \(topic.name) has no key frame, so no picture of it can be decoded.",
                hint: "Leave the topic out with a mapping: block, or record it with key frames."
            )
        }
        firstKeyFrame = first
        let writer = SpilledArrayWriter<Int>(in: recording.scratch)
        for unit in first..<units.count { try writer.append(unit) }
        samples = try writer.finish()
        lost = 0..<first
    }

    /// Decodes everything once, and counts as samples only the messages that give a picture.
    func screen() throws {
        let writer = SpilledArrayWriter<Int>(in: recording.scratch)
        for unit in samples where try picture(ofUnit: unit) != nil { try writer.append(unit) }
        samples = try writer.finish()
    }

    /// What is lost of the video, in words.
    func warnings(feature: String) -> [Warning] {
        var warnings: [Warning] = []
        if firstKeyFrame > 0 {
            warnings.append(
                Warning(
                    "video_starts_late",
                    "\(firstKeyFrame) of \(units.count) messages on \(topic.name) come before the first key frame of its \(codec.name) video and count as missing for \(feature)."
                )
            )
        }
        if let (unit, reason) = breaks.min(by: { $0.key < $1.key }) {
            let times = breaks.count == 1 ? "once, at" : "\(breaks.count) times, first at"
            warnings.append(
                Warning(
                    "video_broken",
                    "The \(codec.name) video on \(topic.name) breaks off \(times) message \(unit + 1) of \(units.count). \(reason) Pictures from there to the next key frame count as missing for \(feature)."
                )
            )
        }
        return warnings
    }

    /// The picture of a sample.
    ///
    /// - Throws: `UnusableSample` where the message gives none; what reading the recording throws.
    public func picture(ofSample sample: Int) throws -> Picture {
        guard let picture = try picture(ofUnit: samples[sample]) else { throw UnusableSample() }
        return picture
    }

    /// Whether a sample is the access unit that follows that of the sample before it, with nothing between them.
    func followsDirectly(sample: Int) -> Bool {
        sample > 0 && samples[sample] == samples[sample - 1] + 1
    }

    /// Whether nothing from a sample on refers to a picture before it.
    func isClosedKeyFrame(sample: Int) throws -> Bool {
        try holds(samples[sample]) { $0.isClosed }
    }

    /// Hands out the access unit of a sample as it is in the recording.
    ///
    /// - Throws: `UnusableSample` where the message holds none; what `body` throws.
    func withAccessUnit(ofSample sample: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if try withUnit(samples[sample], { bytes, _ in try body(bytes) }) == nil { throw UnusableSample() }
    }

    private func picture(ofUnit wanted: Int) throws -> Picture? {
        defer { last = wanted }
        if ready[wanted] != nil {
            keep([], from: wanted)
            return ready[wanted]
        }
        guard !lost.contains(wanted), try seek(to: wanted) else { return nil }
        while let unit = next, unit <= wanted + Self.maximumDelay, ready[wanted] == nil {
            try cancellation.check()
            if unit == units.count {
                keep((try? decoder.drain()) ?? [], from: wanted)
                next = nil
            } else if try !feed(unit, wanted: wanted), unit == wanted {
                return nil
            }
            // A break on the way is behind us at the next key frame.
            if next == nil, lost.contains(unit), wanted >= lost.upperBound { try begin(at: lost.upperBound) }
        }
        return ready[wanted]
    }

    /// Gives the decoder an access unit; false where it holds no picture.
    private func feed(_ unit: Int, wanted: Int) throws -> Bool {
        var failure: MediaError?
        var outputs: [VideoDecoder.Output] = []
        let content = try withUnit(unit) { bytes, content in
            do {
                outputs = try decoder.decode(bytes, number: unit)
            } catch let error as MediaError {
                failure = error
            }
            return content
        }
        // Of parameter sets alone the library says that they are no picture.
        if let content, failure == nil || !content.hasPicture {
            keep(outputs, from: wanted)
            next = unit + 1
            return content.hasPicture
        }
        breaks[unit] = failure?.description ?? "A message holds no \(codec.name)."
        // Pictures from before the break may still be in there.
        keep(((try? decoder.drain()) ?? []).filter { $0.number < unit }, from: wanted)
        next = nil
        lost = unit..<(try keyFrame(from: unit + 1) ?? units.count)
        return false
    }

    /// Keeps what may still be asked for.
    private func keep(_ outputs: [VideoDecoder.Output], from wanted: Int) {
        for output in outputs {
            if !arrived.insert(output.number).inserted { crowded.insert(output.number) }
            ready[output.number] = output.picture
        }
        if arrived.count > 256 { arrived = arrived.filter { $0 + 64 >= wanted } }
        ready = ready.filter { $0.key >= wanted }
    }

    /// Makes the decoder ready to come to an access unit; false where no key frame leads to it.
    private func seek(to wanted: Int) throws -> Bool {
        if let next, wanted >= last {
            guard wanted >= next + Self.shortWay,
                let key = try last(next...wanted, where: { $0.isClosed })
            else { return true }
            try begin(at: key)
            return true
        }
        let way = (wanted >= lost.upperBound ? lost.upperBound : 0)...wanted
        // Only behind some key frames everything can be decoded; where there are none, any is better than nothing.
        let closed = try last(way) { $0.isClosed }
        guard let key = try closed ?? last(way, where: { $0.isKeyFrame }) else { return false }
        try begin(at: key)
        return true
    }

    private func begin(at key: Int) throws {
        decoder.reset()
        ready = [:]
        arrived = []
        next = key
        let isComplete = try withUnit(key) { _, content in content.hasParameterSets } ?? false
        guard !isComplete else { return }
        // Some senders give parameter sets only once, or in messages of their own.
        for unit in (0..<key).reversed() {
            try cancellation.check()
            let given = try withUnit(unit) { bytes, content in
                if content.hasParameterSets { _ = try? decoder.decode(bytes, number: unit) }
                return content.hasParameterSets
            }
            if given == true { break }
        }
        decoder.reset()
    }

    /// The first key frame at or after an access unit.
    private func keyFrame(from start: Int) throws -> Int? {
        try (start..<max(start, units.count)).first { try holds($0) { $0.isKeyFrame } }
    }

    /// The last access unit of a range that is what is looked for.
    private func last(_ range: ClosedRange<Int>, where condition: (VideoAccessUnit) -> Bool) throws -> Int? {
        try range.last { try holds($0, condition) }
    }

    private func holds(_ unit: Int, _ condition: (VideoAccessUnit) -> Bool) throws -> Bool {
        try cancellation.check()
        return try withUnit(unit) { _, content in condition(content) } ?? false
    }

    /// Hands out an access unit and what its headers say; nil where the message cannot be read or holds something else.
    private func withUnit<R>(_ unit: Int, _ body: (UnsafeRawBufferPointer, VideoAccessUnit) throws -> R) throws -> R? {
        let result: R?? = try recording.withReadablePayload(of: topic, at: units[unit]) { payload in
            guard let image = try? reader.image(in: payload), image.encoding == .video(codec) else { return nil }
            return try image.withBytes(in: payload) { try body($0, VideoAccessUnit($0, codec: codec)) }
        }
        return result ?? nil
    }
}

extension VideoCodec {
    /// The codec as decoders and encoders call it.
    public var decoder: VideoDecoder.Codec {
        switch self {
        case .h264: .h264
        case .h265: .h265
        case .vp9: .vp9
        case .av1: .av1
        }
    }
}
