public import ExportCore
import Files
public import Formats
public import Media
public import Plans
public import Recordings
import Sampling

/// What a format asks of a recording's samples.
public struct SampleOptions: Hashable, Sendable {
    /// Rate, clock, tolerance and strictness.
    public var sampling: SamplingOptions
    /// Topics to features, from the request; a robot's profile and the rule by names stand behind it.
    public var mapping: FeatureMapping?
    /// What stands in for a missing action.
    public var action: ActionSource
    /// The instruction where neither annotation nor `dataset.yaml` has one.
    public var defaultTask: String?
    /// Whether segments inside others are no episodes of their own.
    public var outermostOnly = false
    /// Whether a message with a number that is not finite holds no sample.
    public var finiteOnly = false

    /// What a format asks of a recording's samples.
    public init(sampling: SamplingOptions, mapping: FeatureMapping?, action: ActionSource, defaultTask: String?) {
        self.sampling = sampling
        self.mapping = mapping
        self.action = action
        self.defaultTask = defaultTask
    }
}

/// Looks whether a picture is one that can be used; its bytes are valid during the call only.
public typealias PictureCheck = (ImagePayload, UnsafeRawBufferPointer) throws -> Bool

/// What an episode's samples are handed to, tick by tick.
public protocol EpisodeSink: AnyObject {
    /// Takes the row of a numeric feature at a tick, both counted from 0.
    func write(_ values: [Double], of feature: Int, tick: Int) throws
    /// Takes the picture of a camera at a tick; its bytes are valid during the call only.
    ///
    /// - Throws: `UnusableSample` where the picture turns out to be broken.
    func write(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, tick: Int) throws
    /// Takes the picture of a camera whose messages are a video, decoded.
    ///
    /// Where several ticks share a message, its picture is the same object.
    func write(_ picture: Picture, of camera: Int, tick: Int) throws
}

/// One dataset's recording, met with the ticks of its segments: episodes, and their samples pulled one tick at a time, so
/// that memory does not grow with the recording.
public final class SampledRecording {
    /// The most ticks that one recording may come to: 27 hours at 30 Hz.
    static let maximumTicks = 3_000_000

    /// A numeric feature: one row at every tick.
    public struct NumericFeature: Hashable, Sendable {
        /// Its name, such as `observation.state`.
        public let name: String
        /// The name of each column; empty for a feature without sources.
        public let columns: [String]
    }

    /// State, action and gripper, in this order, each possibly of width 0.
    public let numerics: [NumericFeature]
    /// The cameras, sorted by feature name.
    public let cameras: [FeaturePlan.Camera]
    /// The episodes, in the order of the segments.
    public let episodes: [Episode]
    /// How each stream met the ticks.
    public let streams: [StreamReport]

    /// What becomes of the cameras' pictures before a sink gets them; nothing where nil.
    public var pictureTransform: (any PictureTransform)?

    let recording: Recording
    private let ownWarnings: [Warning]
    private let dataset: DatasetID
    let tracks: [Track]
    /// When the messages of the topics were written and where they lie.
    private let times: [String: MessageTimes]
    let strict: Bool
    private let copiesStateToAction: Bool
    let cancellation: Cancellation

    /// Opens a dataset's recording, meets it with its segments, and hands the result to `body`.
    ///
    /// Messages that cannot serve as samples (a joint missing, no picture in them) are found while reading. They are rare,
    /// and to look for them beforehand would mean to decompress everything twice; so where one turns up, all streams are
    /// screened, the ticks are met afresh without such messages, and `body` runs once more from its beginning.
    ///
    /// - Parameters:
    ///   - scratch: a directory for files without names, in which long lists lie.
    ///   - isPicture: looks at a picture as closely as its sink will, when the pictures are screened.
    /// - Throws: `topic_missing`, `annotation_missing` or `dataset_unreadable`, and whatever `body` throws.
    public static func sampling<Result>(
        _ dataset: PlannedDataset,
        as options: SampleOptions,
        scratch: String,
        cancellation: Cancellation,
        isPicture: @escaping PictureCheck,
        _ body: (SampledRecording) throws -> Result
    ) throws -> Result {
        try sampling(dataset, as: options, lanes: 1, scratch: scratch, cancellation: cancellation, isPicture: isPicture) { try body($0[0]) }
    }

    /// Opens a dataset's recording like `sampling(_:as:scratch:cancellation:isPicture:_:)`, so many times over: each may be read by a thread of
    /// its own, and all have the same features and episodes.
    ///
    /// - Parameter lanes: how many; at least 1.
    public static func sampling<Result>(
        _ dataset: PlannedDataset,
        as options: SampleOptions,
        lanes: Int,
        scratch: String,
        cancellation: Cancellation,
        isPicture: @escaping PictureCheck,
        _ body: ([SampledRecording]) throws -> Result
    ) throws -> Result {
        func open(_ screening: PictureCheck?) throws -> [SampledRecording] {
            var opened: [SampledRecording] = []
            for _ in 0..<max(lanes, 1) {
                // The index of a long recording takes a while and some memory, so all have it from the first.
                let times = opened.first?.times ?? [:]
                opened.append(
                    try SampledRecording(
                        dataset,
                        options: options,
                        screening: screening,
                        times: times,
                        scratch: scratch,
                        cancellation: cancellation
                    )
                )
            }
            return opened
        }
        do {
            return try body(try open(nil))
        } catch is UnusableSample {
            do {
                return try body(try open(isPicture))
            } catch is UnusableSample {
                throw ExportError(
                    .datasetUnreadable,
                    "A message of \(dataset.id) that held a sample when it was looked at first holds none when it is read again.",
                    hint: "Check whether the recording is still being written, or leave its cameras out with a mapping: block.",
                    location: .init(dataset: dataset.id)
                )
            }
        }
    }

    private init(
        _ dataset: PlannedDataset,
        options: SampleOptions,
        screening: PictureCheck?,
        times: [String: MessageTimes],
        scratch: String,
        cancellation: Cancellation
    ) throws {
        let recording = try Recording(volumes: dataset.volumePaths, scratch: scratch, cancellation: cancellation)
        let topics = recording.topics.map { TopicSummary(topic: $0.name, type: $0.type, messages: $0.messages) }
        let plan = try FeaturePlan(topics: topics, mapping: options.mapping ?? dataset.robotMapping)
        var warnings = plan.warnings.filter { !(options.action == .nextState && $0.concerns(feature: FeaturePlan.action)) }

        var trackMaker = TrackMaker(recording: recording, options: options, screening: screening, times: times, cancellation: cancellation)
        let tracks = try trackMaker.tracks(of: plan)
        warnings += trackMaker.warnings

        let segments = try SegmentChoice.segments(of: dataset, recorded: recording.range, defaultTask: options.defaultTask)
        var matcher = SegmentMatcher(
            dataset: dataset.id,
            tracks: tracks,
            options: options.sampling,
            scratch: scratch,
            cancellation: cancellation
        )
        for (segment, nested) in options.outermostOnly ? SegmentChoice.nested(segments) : segments.map({ ($0, []) }) {
            try matcher.add(segment, nested: nested)
        }
        warnings += matcher.warnings
        guard !matcher.episodes.isEmpty else { throw matcher.nothingLeft(segments: segments.count) }

        self.recording = recording
        self.tracks = tracks
        self.times = trackMaker.times
        self.cancellation = cancellation
        strict = options.sampling.strictMatch
        cameras = plan.cameras
        episodes = matcher.episodes
        streams = try matcher.reports()
        let columns = plan.numerics.map { numeric in tracks.flatMap { $0.columns(ofFeature: numeric.name) } }
        let copiesStateToAction = options.action == .nextState && columns[1].isEmpty
        self.copiesStateToAction = copiesStateToAction
        numerics = plan.numerics.indices.map { index in
            let source = index == 1 && copiesStateToAction ? 0 : index
            return NumericFeature(name: plan.numerics[index].name, columns: columns[source])
        }
        ownWarnings = warnings
        self.dataset = dataset.id
    }

    /// What the user should know: of the recording, also what reading has shown so far, and of the sampling.
    public var warnings: [Warning] {
        (recording.warnings + ownWarnings).map { Warning($0.code, $0.message, dataset: dataset) }
    }

    /// Pulls an episode's samples tick by tick: at each tick the rows of all numeric features that have columns, then the
    /// picture of every camera.
    ///
    /// - Parameter share: what of it; everything where nil.
    /// - Throws: what the sink throws, a failure to read the recording, or `CancellationError`.
    public func read(_ episode: Episode, share: ReadingShare? = nil, into sink: some EpisodeSink) throws {
        let alignment = Alignment(grid: episode.grid, streams: tracks.map(\.stream), strict: strict)
        var rows = numerics.map { [Double]($0.columns.isEmpty ? [] : Array(repeating: 0, count: $0.columns.count)) }
        for k in 0..<episode.count {
            try cancellation.check()
            let tick = episode.ticks.lowerBound + k
            for index in rows.indices { rows[index].removeAll(keepingCapacity: true) }
            for (track, picks) in zip(tracks, alignment.picks) {
                switch track.use {
                case .numeric where share?.hasNumerics == false: break
                case .camera(let camera, _) where share?.cameras.contains(camera) == false: break
                case .numeric(let feature, let reader):
                    try append(reader, track, tick: episode.time(k), pick: picks.samples[tick], to: &rows[feature])
                case .camera(let camera, let reader):
                    try pass(reader, track, pick: picks.samples[tick], camera: camera, tick: k, to: sink)
                case .video(let camera, _) where share?.cameras.contains(camera) == false: break
                case .video(let camera, let reader):
                    let picture = try reader.picture(ofSample: picks.samples[tick])
                    let given = try pictureTransform?.picture(picture, of: camera, sample: picks.samples[tick])
                    try sink.write(given ?? picture, of: camera, tick: k)
                }
            }
            if share?.hasNumerics != false { try write(rows, tick: k, last: k == episode.count - 1, to: sink) }
            if k & 0xFFF == 0xFFF { giveBack() }
        }
        giveBack()
    }

    /// Lets go of what was read of the lists of messages.
    private func giveBack() {
        for track in tracks {
            track.stream.times.giveBack()
            track.locations.giveBack()
        }
    }

    /// When each camera's frames of an episode were taken, by the chosen clock: for each camera one time a tick, in nanoseconds
    /// since the Unix epoch.
    public func captureTimes(of episode: Episode) -> [[Int64]] {
        let alignment = Alignment(grid: episode.grid, streams: tracks.map(\.stream), strict: strict)
        return zip(tracks, alignment.picks).compactMap { track, picks in
            if case .numeric = track.use { return nil }
            return episode.ticks.map { track.stream.times[picks.samples[$0]] }
        }
    }

    private func write(_ rows: [[Double]], tick: Int, last: Bool, to sink: some EpisodeSink) throws {
        for feature in rows.indices where !rows[feature].isEmpty { try sink.write(rows[feature], of: feature, tick: tick) }
        guard copiesStateToAction, !rows[0].isEmpty else { return }
        // The action of a tick is the state of the next one; the last tick has no next and repeats its own.
        if tick > 0 { try sink.write(rows[0], of: 1, tick: tick - 1) }
        if last { try sink.write(rows[0], of: 1, tick: tick) }
    }

    private func append(_ reader: NumericReader, _ track: Track, tick: Int64, pick: Int, to row: inout [Double]) throws {
        guard track.stream.method == .linear,
            let between = Interpolation(tick: tick, nearest: pick, stream: track.stream)
        else { return row += try values(reader, track, pick) }
        let lower = try values(reader, track, between.lower)
        let upper = try values(reader, track, between.upper)
        for (a, b) in zip(lower, upper) { row.append(a + (b - a) * between.weight) }
    }

    private func values(_ reader: NumericReader, _ track: Track, _ sample: Int) throws -> [Double] {
        let values = try recording.withReadablePayload(of: track.topic, at: track.locations[sample]) { try reader.values(in: $0) }
        guard let values = values ?? nil else { throw UnusableSample() }
        return values
    }

    private func pass(
        _ reader: PictureReader,
        _ track: Track,
        pick: Int,
        camera: Int,
        tick: Int,
        to sink: some EpisodeSink
    ) throws {
        let passed: Void? = try recording.withReadablePayload(of: track.topic, at: track.locations[pick]) { payload in
            guard let picture = try reader.picture(in: payload) else { throw UnusableSample() }
            try picture.withBytes(in: payload) { bytes in
                switch try pictureTransform?.still(picture, bytes: bytes, of: camera, sample: pick) ?? .unchanged {
                case .unchanged: try sink.write(picture, bytes: bytes, of: camera, tick: tick)
                case .bytes(let changed): try changed.withUnsafeBytes { try sink.write(picture, bytes: $0, of: camera, tick: tick) }
                case .picture(let changed): try sink.write(changed, of: camera, tick: tick)
                }
            }
        }
        if passed == nil { throw UnusableSample() }
    }
}

extension Recording {
    /// Hands out a payload like `withPayload`, or returns nil where it lies in a part of the file that is damaged; the
    /// recording's warnings say so then.
    func withReadablePayload<R>(of topic: Topic, at location: PayloadLocation, _ body: (Payload) throws -> R) throws -> R? {
        var failure: (any Error)?
        do {
            return try withPayload(of: topic, at: location) { payload in
                do {
                    return try body(payload)
                } catch {
                    failure = error
                    throw error
                }
            }
        } catch let error as RecordingError where failure == nil && !error.isCancellation {
            return nil
        }
    }
}

/// A message that was picked for a tick and holds no sample; see `SampledRecording.sampling`.
public struct UnusableSample: Error {
    /// A message without a sample.
    public init() {}
}

/// What of an episode is read.
public struct ReadingShare: Hashable, Sendable {
    /// Whether the rows of the numeric features are.
    public var hasNumerics: Bool
    /// The cameras whose pictures are, by their positions.
    public var cameras: Set<Int>

    /// A share of an episode.
    public init(hasNumerics: Bool, cameras: Set<Int>) {
        self.hasNumerics = hasNumerics
        self.cameras = cameras
    }
}

extension Warning {
    fileprivate func concerns(feature: String) -> Bool {
        code == "feature_missing" && message.contains(" \(feature),")
    }
}
