import Encoding
import ExportCore
import Files
import Plans
import Quality
import Recordings

/// The streams of a dataset's recording as the quality formats look at them: times only, and a few headers.
struct RecordingStreams {
    /// Messages per stream whose headers are looked at for the latency: so many in each of so many places.
    ///
    /// The places are the same chunks for all streams, so that few compressed ones are unpacked.
    private static let (samplesInRow, samplePlaces) = (8, 8)

    let recording: Recording
    private let cancellation: Cancellation

    /// - Parameter readsFrames: whether messages are going to be read whole, too.
    init(_ dataset: PlannedDataset, readsFrames: Bool = false, _ context: PartContext) throws {
        recording = try Recording(volumes: dataset.volumePaths, scratch: context.scratch, cancellation: context.cancellation)
        if !readsFrames { recording.expectHeadsOnly() }
        cancellation = context.cancellation
    }

    /// How long after the stamps in their headers messages were logged, for each topic that has stamps.
    ///
    /// Of each topic messages in evenly spread places are read.
    func latencies(of topics: [(topic: Topic, locations: SpilledArray<PayloadLocation>)]) throws -> [String: Distribution] {
        let readers = topics.map { try? TopicReader(recording, $0.topic) }
        let chunks = sampledChunks(of: topics.map(\.locations))
        var samples: [(location: PayloadLocation, topic: Int)] = []
        for index in topics.indices where readers[index] != nil {
            try cancellation.check()
            samples += Self.samples(of: topics[index].locations, in: chunks).map { ($0, index) }
            topics[index].locations.giveBack()
        }
        samples.sort { ($0.location.chunk ?? 0, $0.topic) < ($1.location.chunk ?? 0, $1.topic) }
        var found: [String: [Int64]] = [:]
        for (location, index) in samples {
            try cancellation.check()
            // A message in a damaged stretch has no stamp that could be read; the recording's warnings tell of it.
            guard let reader = readers[index], let times = try? reader.stamp(at: location, in: recording) else { continue }
            let (latency, overflow) = times.logTime.subtractingReportingOverflow(times.stamp)
            if !overflow { found[topics[index].topic.name, default: []].append(latency) }
        }
        return found.compactMapValues { Distribution(nanoseconds: $0) }
    }

    /// The chunks in which the busiest stream has its first message, its last, and some between; none where messages lie in none.
    private func sampledChunks(of streams: [SpilledArray<PayloadLocation>]) -> Set<UInt64> {
        guard let busiest = streams.max(by: { $0.count < $1.count }), !busiest.isEmpty else { return [] }
        let places = (0..<Self.samplePlaces).map { busiest[$0 * (busiest.count - 1) / (Self.samplePlaces - 1)].chunk }
        return Set(places.compactMap(\.self))
    }

    /// The messages of a stream that are looked at: the first in each of the chunks, or where it has none there, as many anywhere.
    private static func samples(of locations: SpilledArray<PayloadLocation>, in chunks: Set<UInt64>) -> [PayloadLocation] {
        var samples: [PayloadLocation] = []
        var (chunk, isSampled, taken) = (UInt64?.none, false, 0)
        for location in locations {
            if location.chunk != chunk {
                (chunk, taken) = (location.chunk, 0)
                isSampled = chunk.map(chunks.contains) ?? false
            }
            guard isSampled, taken < samplesInRow else { continue }
            samples.append(location)
            taken += 1
        }
        guard samples.isEmpty else { return samples }
        let count = min(locations.count, chunks.isEmpty ? samplesInRow * samplePlaces : samplePlaces)
        return (0..<count).map { locations[$0 * (locations.count - 1) / max(count - 1, 1)] }
    }
}

extension QualityStream {
    /// What times alone say of a stream.
    init(name: String, messages: Int, gaps: FrameGaps) {
        self.init(name: name, messages: messages)
        nominalRate = gaps.rhythm?.rate
        meanRate = gaps.meanRate
        regressions = gaps.regressions
        intervals = gaps.spread?.distribution
        // The largest distance is told even where it is a step of the clock.
        if let largest = gaps.largestGap { intervals?.maximum = Double(largest) / 1e6 }
        jitterMilliseconds = gaps.jitter.map { $0 / 1e6 }
    }
}

extension QualityPlots {
    /// The curves and bars that times alone give.
    init(gaps: FrameGaps, times: [Int64], start: Int64) {
        self.init()
        intervals = Self.curve(of: gaps.intervals) { Self.seconds(times[gaps.intervalFrames[$0]], since: start) }
        intervalHistogram = gaps.spread?.histogram
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
