import ExportCore
import Plans
import Sampling

/// Which segments a recording is cut into, and with which instruction.
enum SegmentChoice {
    /// The annotated segments; without any, the whole recording as one, where a task text is known.
    static func segments(of dataset: PlannedDataset, recorded: TimeRange?, defaultTask: String?) throws(ExportError) -> [Segment] {
        let fallback = dataset.metadata.task ?? defaultTask
        if !dataset.segments.isEmpty {
            return dataset.segments.map { segment in
                var segment = segment
                if segment.task.isEmpty, let fallback { segment.task = fallback }
                if segment.score == nil { segment.score = dataset.metadata.qualityScore }
                return segment
            }
        }
        guard let task = fallback else {
            throw ExportError(
                .annotationMissing,
                "\(dataset.id) has no annotated segments, and no task text stands in for them.",
                hint: "Annotate it, give it a task in dataset.yaml, or set default_task in the request.",
                location: .init(dataset: dataset.id)
            )
        }
        guard let recorded else {
            throw ExportError(
                .datasetUnreadable,
                "\(dataset.id) holds no messages.",
                hint: "Leave it out or record it again.",
                location: .init(dataset: dataset.id)
            )
        }
        var whole = Segment(range: recorded, task: task)
        whole.taskZH = dataset.metadata.taskZH
        whole.score = dataset.metadata.qualityScore
        return [whole]
    }

    /// The segments that lie in no other, each with those that lie in it.
    ///
    /// - Parameter segments: in order of start.
    static func nested(_ segments: [Segment]) -> [(Segment, [Segment])] {
        // By start, and of those that start together the longest first: whatever lies in another comes after it.
        let ordered = segments.enumerated().sorted { a, b in
            (a.element.range.start, b.element.range.end, a.offset) < (b.element.range.start, a.element.range.end, b.offset)
        }
        var result: [(Segment, [Segment])] = []
        for (_, segment) in ordered {
            if let last = result.indices.last, segment.range.end <= result[last].0.range.end {
                result[last].1.append(segment)
            } else {
                result.append((segment, []))
            }
        }
        return result
    }

    /// The ticks of a segment, unless they and the ticks before them are more than one recording may come to.
    static func grid(of segment: Segment, in dataset: DatasetID, rate: Hertz, after ticks: Int) throws(ExportError) -> TickGrid {
        if let grid = TickGrid(range: segment.range, rate: rate), grid.count <= SampledRecording.maximumTicks - ticks { return grid }
        throw ExportError(
            .datasetUnreadable,
            "The segments of \(dataset) come to more than \(SampledRecording.maximumTicks) ticks at \(rate) Hz.",
            hint: "Check the times in its annotation, or ask for a lower rate_hz.",
            location: .init(dataset: dataset)
        )
    }
}
