import ExportCore
import Files
import Plans
import Recordings
import Sampling

/// Meets the segments of a recording with its tracks, one after another, and keeps count.
struct SegmentMatcher {
    private let dataset: DatasetID
    private let tracks: [Track]
    private let options: SamplingOptions
    private let cancellation: Cancellation
    private var errors: [SyncErrors]
    private var ticks = 0
    private(set) var episodes: [Episode] = []
    private(set) var warnings: [Warning] = []

    /// - Parameter scratch: a directory for long lists.
    init(dataset: DatasetID, tracks: [Track], options: SamplingOptions, scratch: String, cancellation: Cancellation) {
        self.dataset = dataset
        self.tracks = tracks
        self.options = options
        self.cancellation = cancellation
        errors = tracks.map { _ in SyncErrors(scratch: scratch) }
    }

    mutating func add(_ segment: Segment, nested: [Segment]) throws {
        try cancellation.check()
        let grid = try SegmentChoice.grid(of: segment, in: dataset, rate: options.rate, after: ticks)
        ticks += grid.count
        let alignment = Alignment(grid: grid, streams: tracks.map(\.stream), strict: options.strictMatch)
        for index in tracks.indices {
            let times = tracks[index].stream.times
            try errors[index].add(alignment, stream: index, times: times, strict: options.strictMatch)
            times.giveBack()
        }
        episodes += alignment.pieces.map { Episode(segment: segment, nested: nested, grid: grid, ticks: $0) }
        if let warning = describe(alignment, of: segment) { warnings.append(warning) }
    }

    private func describe(_ alignment: Alignment, of segment: Segment) -> Warning? {
        let losses = alignment.losses
        guard losses.total > 0 else { return nil }
        let name = segment.sequence.map { "Segment \($0)" } ?? "The recording"
        var reasons: [String] = []
        if losses.trimmed > 0 { reasons.append("\(losses.trimmed) at its ends") }
        if losses.inHoles > 0 { reasons.append("\(losses.inHoles) in holes") }
        if losses.shortPieces > 0 { reasons.append("\(losses.inShortPieces) in pieces under half a second") }
        let left =
            switch alignment.pieces.count {
            case 0: "nothing is left of it"
            case 1: "one episode is left"
            case let count: "it is split into \(count) episodes"
            }
        let code = alignment.pieces.isEmpty ? "segment_dropped" : "ticks_dropped"
        let lost = "lost \(losses.total) of \(alignment.grid.count) ticks (\(reasons.joined(separator: ", ")))"
        return Warning(code, "\(name) \(lost) because a stream had no sample within tolerance; \(left).")
    }

    func nothingLeft(segments: Int) -> ExportError {
        let silent = zip(tracks, errors).filter { $0.1.dropped > 0 }.map(\.0.topic.name)
        let names = silent.isEmpty ? "" : " Streams that missed ticks: \(silent.joined(separator: ", "))."
        return ExportError(
            .datasetUnreadable,
            "No episode is left of \(dataset): in none of its \(segments) segments do all streams have samples for half a second.\(names)",
            hint: "Check the times in its annotation, widen tolerance, set strict_match: false, or map fewer topics.",
            location: .init(dataset: dataset),
            details: warnings.map { .init($0.message) }
        )
    }

    /// How each stream met the ticks; no segment can be added any more.
    mutating func reports() throws(FileError) -> [StreamReport] {
        var reports: [StreamReport] = []
        for (index, track) in tracks.enumerated() {
            let summary = try errors[index].summary()
            let report = StreamReport(
                dataset: dataset,
                topic: track.topic.name,
                feature: track.feature,
                ticks: summary.ticks,
                meanMilliseconds: summary.mean,
                p95Milliseconds: summary.p95,
                maxMilliseconds: summary.max,
                heldTicks: errors[index].held,
                droppedTicks: errors[index].dropped
            )
            reports.append(report)
        }
        return reports
    }
}
