public import ExportCore
public import Plans
import Sampling

/// What sampling a dataset will come to, told from the catalogue alone.
public enum SampleEstimate {
    /// Checks that a dataset can be sampled and counts its segments and ticks, as if every stream were there at every tick.
    ///
    /// - Throws: `topic_missing`, `annotation_missing` or `dataset_unreadable`, with the dataset in the location.
    public static func of(_ dataset: PlannedDataset, options: SampleOptions) throws(ExportError) -> PartEstimate {
        do throws(ExportError) {
            _ = try FeaturePlan(topics: dataset.topics, mapping: options.mapping ?? dataset.robotMapping)
        } catch {
            throw error.at(dataset: dataset.id)
        }
        let segments = try SegmentChoice.segments(of: dataset, recorded: dataset.range, defaultTask: options.defaultTask)
        var ticks = 0
        var frames = 0
        var covered: Double = 0
        for segment in segments {
            ticks += try SegmentChoice.grid(of: segment, in: dataset.id, rate: options.sampling.rate, after: ticks).count
            guard let recorded = dataset.range, let inside = segment.range.intersection(recorded),
                let grid = TickGrid(range: inside, rate: options.sampling.rate)
            else { continue }
            frames += grid.count
            covered += Double(inside.nanoseconds)
        }
        let duration = Double(max(dataset.range?.nanoseconds ?? 1, 1))
        // Segments may overlap, so that more is written than was recorded.
        let written = Double(dataset.bytes) * covered / duration
        return PartEstimate(
            episodes: segments.count,
            frames: frames,
            bytesRead: dataset.bytes,
            bytesWritten: written < 1e18 ? Int64(written) : dataset.bytes
        )
    }
}
