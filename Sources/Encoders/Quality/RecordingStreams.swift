import ExportCore
import Plans
import Quality
import Recordings

/// The streams of a dataset's recording as the quality formats look at them: times only, and a few headers.
struct RecordingStreams {
    /// Messages per stream whose headers are looked at for the latency: so many one after another in each of so many places.
    ///
    /// The places are the same in all streams, so that few compressed chunks are unpacked, each once for all.
    private static let (samplesInRow, samplePlaces) = (8, 8)

    let recording: Recording
    private let cancellation: Cancellation

    init(_ dataset: PlannedDataset, cancellation: Cancellation) throws {
        recording = try Recording(volumes: dataset.volumePaths, cancellation: cancellation)
        self.cancellation = cancellation
    }

    /// How long after the stamps in their headers messages were logged, for each topic that has stamps.
    ///
    /// Of each topic messages in evenly spread places are read, its first and last among them.
    func latencies(of topics: [(topic: Topic, locations: [PayloadLocation])]) throws -> [String: Distribution] {
        let readers = topics.map { try? TopicReader(recording, $0.topic) }
        var found: [String: [Int64]] = [:]
        for sample in 0..<(Self.samplesInRow * Self.samplePlaces) {
            for (index, topic) in topics.enumerated() {
                try cancellation.check()
                guard let reader = readers[index], let place = Self.position(sample, of: topic.locations.count) else { continue }
                // A message in a damaged stretch has no stamp that could be read; the recording's warnings tell of it.
                let latency = try? recording.withPayload(of: topic.topic, at: topic.locations[place]) { payload in
                    try reader.stamp(in: payload).map { payload.logTime.subtractingReportingOverflow($0) }
                }
                if let latency = latency ?? nil, !latency.overflow { found[topic.topic.name, default: []].append(latency.partialValue) }
            }
        }
        return found.compactMapValues { Distribution(nanoseconds: $0) }
    }

    /// The position of a sample among so many messages; nil where the message before it is the same.
    private static func position(_ sample: Int, of count: Int) -> Int? {
        if count <= samplesInRow * samplePlaces { return sample < count ? sample : nil }
        let (place, step) = sample.quotientAndRemainder(dividingBy: samplesInRow)
        return place * (count - samplesInRow) / (samplePlaces - 1) + step
    }
}

extension QualityStream {
    /// What times alone say of a stream.
    init(name: String, messages: Int, gaps: FrameGaps) {
        self.init(name: name, messages: messages)
        nominalRate = gaps.rhythm?.rate
        meanRate = gaps.meanRate
        regressions = gaps.regressions
        intervals = Distribution(nanoseconds: gaps.intervals)
        // The largest distance is told even where it is a step of the clock.
        if let largest = gaps.largestGap { intervals?.maximum = Double(largest) / 1e6 }
        jitterMilliseconds = gaps.jitter.map { $0 / 1e6 }
    }
}

extension QualityPlots {
    /// The curves and bars that times alone give.
    init(gaps: FrameGaps, times: [Int64], start: Int64) {
        self.init()
        intervals = Self.thinned(
            zip(gaps.intervalFrames, gaps.intervals).map { frame, interval in
                PlotPoint(seconds: Self.seconds(times[frame], since: start), milliseconds: Double(interval) / 1e6)
            }
        )
        intervalHistogram = Histogram(nanoseconds: gaps.intervals)
        drops = Self.thinned(
            gaps.drops.map { drop in
                DropMark(
                    fromSeconds: Self.seconds(drop.before, since: start),
                    toSeconds: Self.seconds(drop.after, since: start),
                    missing: drop.missing
                )
            }
        )
    }

    static func seconds(_ time: Int64, since start: Int64) -> Double {
        // A difference of two doubles would lose what lies below a microsecond.
        let (difference, overflow) = time.subtractingReportingOverflow(start)
        return overflow ? Double(time) / 1e9 - Double(start) / 1e9 : Double(difference) / 1e9
    }
}

/// Sentences on steps of a stream's clock.
func notes(on gaps: FrameGaps, of stream: String) -> [String] {
    guard gaps.steps > 0 else { return [] }
    let times = gaps.steps == 1 ? "once" : "\(gaps.steps) times"
    return ["The clock of \(stream) jumps ahead by more than ten minutes \(times); no frames count as missing there."]
}
