public import ExportCore
public import Formats
public import Plans

/// What playing a dataset back will take, told from the catalogue alone.
public enum PlaybackEstimate {
    /// Checks that a dataset has what is asked for, and measures how much of it that is.
    ///
    /// How the bytes are shared among topics isn't known, so that an estimate for some topics is too high.
    ///
    /// - Throws: `topic_missing`, or `annotation_missing` where segments are asked for and there are none, with the dataset in
    ///   the location.
    public static func of(_ dataset: PlannedDataset, _ selection: MessageSelection) throws(ExportError) -> PartEstimate {
        try TopicCheck.check(selection.topics, topics: dataset.topics.map(\.topic), of: dataset.id)
        if selection.time == .segments, dataset.segments.isEmpty {
            throw ExportError(
                .annotationMissing,
                "\(dataset.id) has no annotated segments, so that time: segments takes nothing of it.",
                hint: "Annotate it, or leave time: out.",
                location: .init(dataset: dataset.id)
            )
        }
        let volumes = dataset.files.prefix(dataset.volumes).reduce(0) { $0 + $1.bytes }
        var share = 1.0
        if let recorded = dataset.range.flatMap(recordedTimes) {
            let taken = TimeWindows(selection.time, segments: dataset.segments, recorded: recorded).clipped(to: recorded)
            let length = Double(recorded.upperBound - recorded.lowerBound)
            let covered = taken.ranges.reduce(0.0) { $0 + Double($1.upperBound - $1.lowerBound) }
            if length > 0 { share = min(1, covered / length) }
        }
        let bytes = Int64(Double(volumes) * share)
        return PartEstimate(episodes: dataset.segments.count, frames: 0, bytesRead: bytes, bytesWritten: bytes)
    }

    /// The same for parts.
    ///
    /// - Throws: the same, and `option_unsupported` where there would be more parts than anyone can want.
    public static func of(_ dataset: PlannedDataset, _ options: MCAPChunksOptions) throws(ExportError) -> PartEstimate {
        let estimate = try of(dataset, options.messages)
        guard case .duration(let nanoseconds) = options.cut else { return estimate }
        // A part without messages isn't made.
        let messages = dataset.topics.reduce(0.0) { $0 + Double($1.messages) }
        let parts = min((dataset.range?.nanoseconds ?? 0) / max(nanoseconds, 1), Int64(min(messages, 1e18)))
        guard parts <= Int64(PlaybackParts.maximumParts) else {
            throw PlaybackParts.tooManyParts(UInt64(parts), of: dataset.id)
        }
        return estimate
    }

    private static func recordedTimes(_ range: TimeRange) -> ClosedRange<UInt64>? {
        guard range.end.nanoseconds >= 0 else { return nil }
        return UInt64(clamping: range.start.nanoseconds)...UInt64(clamping: range.end.nanoseconds)
    }
}
