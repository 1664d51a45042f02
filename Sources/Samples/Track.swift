import ExportCore
import Files
import Formats
import Recordings
import Sampling

/// One topic's share of one feature: when its samples were taken, where they lie, and how they are read.
struct Track {
    /// What the samples are for.
    enum Use {
        /// Columns of the numeric feature at this position.
        case numeric(feature: Int, NumericReader)
        /// Pictures of the camera at this position.
        case camera(Int, PictureReader)
        /// Pictures of the camera at this position, which are those of a video.
        case video(Int, VideoReader)
    }

    let topic: Topic
    /// The feature's name.
    let feature: String
    let use: Use
    let stream: StreamTimes
    /// Where each sample of `stream` lies.
    let locations: SpilledArray<PayloadLocation>

    /// The names of the columns that this track gives a feature; none where it belongs to another.
    func columns(ofFeature name: String) -> [String] {
        guard case .numeric(_, let reader) = use, feature == name else { return [] }
        return reader.columns
    }
}

/// Makes the tracks of a recording, screened for messages that hold no sample where that is wanted.
struct TrackMaker {
    private let recording: Recording
    private let options: SampleOptions
    /// Looks closely at pictures where messages are screened; nil where they are not.
    private let screening: PictureCheck?
    private let cancellation: Cancellation
    /// When the messages of each topic were written and where they lie, by the topic's name.
    private(set) var times: [String: MessageTimes]
    private(set) var warnings: [Warning] = []

    /// - Parameter times: what is known of the topics already, from another reader of the same recording.
    init(
        recording: Recording,
        options: SampleOptions,
        screening: PictureCheck?,
        times: [String: MessageTimes],
        cancellation: Cancellation
    ) {
        self.times = times
        self.recording = recording
        self.options = options
        self.screening = screening
        self.cancellation = cancellation
    }

    /// The tracks of all features, in the order of the features and of their sources.
    mutating func tracks(of plan: FeaturePlan) throws -> [Track] {
        var tracks: [Track] = []
        for (feature, numeric) in plan.numerics.enumerated() {
            for source in numeric.sources {
                let (topic, times) = try open(source.topic, for: numeric.name)
                let reader = NumericReader(source: source, reader: try TopicReader(recording, topic), finiteOnly: options.finiteOnly)
                try reader.checkField()
                try learnColumns(reader, topic, times, feature: numeric.name)
                tracks.append(
                    try track(topic, times, feature: numeric.name, use: .numeric(feature: feature, reader)) { payload in
                        try reader.values(in: payload) != nil
                    }
                )
            }
        }
        for (index, camera) in plan.cameras.enumerated() {
            let (topic, times) = try open(camera.topic, for: camera.name)
            let reader = PictureReader(reader: try TopicReader(recording, topic), topic: topic)
            if case .video(let codec) = try kind(reader, topic, times) {
                tracks.append(try videoTrack(topic, times, codec: codec, feature: camera.name, camera: index))
                continue
            }
            tracks.append(
                try track(topic, times, feature: camera.name, use: .camera(index, reader)) { [screening] payload in
                    guard let picture = try reader.picture(in: payload) else { return false }
                    return try picture.withBytes(in: payload) { try screening?(picture, $0) != false }
                }
            )
        }
        return tracks
    }

    private mutating func open(_ name: String, for feature: String) throws -> (Topic, MessageTimes) {
        guard let topic = recording.topic(named: name) else {
            throw ExportError(.topicMissing, "\(feature) needs \(name), which the recording lacks.")
        }
        if let known = times[name] { return (topic, known) }
        let found = try recording.index(of: topic, clock: options.sampling.clock)
        times[name] = found
        return (topic, found)
    }

    /// The first message that holds numbers says how many there are and what they are called.
    private func learnColumns(_ reader: NumericReader, _ topic: Topic, _ times: MessageTimes, feature: String) throws {
        for location in times.locations {
            try cancellation.check()
            let learned = try recording.withReadablePayload(of: topic, at: location) { try reader.learnColumns(from: $0) }
            if learned == true { return }
        }
        throw ExportError(
            .topicMissing,
            "\(feature) needs numbers from \(topic.name), and none of its \(times.locations.count) messages holds any in \(reader.field).",
            hint: "Map another topic or field."
        )
    }

    /// What a topic's camera sends, by its first message that holds a picture.
    private func kind(_ reader: PictureReader, _ topic: Topic, _ times: MessageTimes) throws -> PictureReader.Kind {
        for location in times.locations {
            try cancellation.check()
            if let known = try recording.withReadablePayload(of: topic, at: location, { try reader.kind(of: $0) }) ?? nil { return known }
        }
        return .stills
    }

    private mutating func videoTrack(
        _ topic: Topic,
        _ times: MessageTimes,
        codec: VideoCodec,
        feature: String,
        camera: Int
    ) throws -> Track {
        let reader = try VideoReader(recording, topic, codec: codec, locations: times.locations, cancellation: cancellation)
        if screening != nil { try reader.screen() }
        warnings += reader.warnings(feature: feature)
        let use = Track.Use.video(camera, reader)
        let (instants, locations) = try select(reader.samples, of: times)
        return Track(topic: topic, feature: feature, use: use, stream: stream(of: instants, for: use), locations: locations)
    }

    private mutating func track(
        _ topic: Topic,
        _ times: MessageTimes,
        feature: String,
        use: Track.Use,
        holdsSample: (Payload) throws -> Bool
    ) throws -> Track {
        var instants = times.times
        var locations = times.locations
        if screening != nil {
            let writer = SpilledArrayWriter<Int>(in: recording.scratch)
            for index in locations.indices {
                try cancellation.check()
                if try recording.withReadablePayload(of: topic, at: locations[index], holdsSample) == true { try writer.append(index) }
            }
            let usable = try writer.finish()
            let lost = locations.count - usable.count
            if lost > 0 {
                warnings.append(
                    Warning(
                        "messages_unusable",
                        "\(lost) of \(locations.count) messages on \(topic.name) hold nothing usable for \(feature) and count as missing."
                    )
                )
                (instants, locations) = try select(usable, of: times)
            }
        }
        return Track(topic: topic, feature: feature, use: use, stream: stream(of: instants, for: use), locations: locations)
    }

    /// The times and places of some messages.
    private func select(
        _ samples: some Collection<Int>,
        of times: MessageTimes
    ) throws -> (SpilledArray<Int64>, SpilledArray<PayloadLocation>) {
        if samples.count == times.times.count { return (times.times, times.locations) }
        let instants = SpilledArrayWriter<Int64>(in: recording.scratch)
        let locations = SpilledArrayWriter<PayloadLocation>(in: recording.scratch)
        for sample in samples {
            try instants.append(times.times[sample])
            try locations.append(times.locations[sample])
        }
        return (try instants.finish(), try locations.finish())
    }

    private func stream(of times: SpilledArray<Int64>, for use: Track.Use) -> StreamTimes {
        let sampling = options.sampling
        // Pictures cannot be interpolated.
        let method: SamplingMethod =
            switch (use, sampling.method) {
            case (.camera, .linear), (.video, .linear): .nearest
            default: sampling.method
            }
        return StreamTimes(times: times, method: method, tolerance: sampling.tolerance, rate: sampling.rate)
    }
}
