import Encoding
import ExportCore
import Files
import Formats
import HDF5
import Plans
import Samples

/// Writes all episodes of one recording into the file of its part.
struct RecordingWriter {
    let dataset: PlannedDataset
    let options: HDF5Options
    let context: PartContext

    func write(_ samples: SampledRecording) throws -> EncodedPart<HDF5EpisodesEncoder.Detail> {
        let path = "\(context.folder)/\(HDF5EpisodesEncoder.partFile)"
        // Sampling may begin anew when it meets a message that holds no sample; so does the file.
        try FileSystem.removeFile(path)
        let file = try HDF5File(creating: path)
        let data = try file.root.makeGroup("data")
        let total = samples.episodes.reduce(0) { $0 + $1.count }
        var done = 0
        var names: [String] = []
        let pictures = PictureConverter()
        for (index, episode) in samples.episodes.enumerated() {
            let name = HDF5Names.episode(index + 1)
            names.append(name)
            let group = try data.makeGroup(name)
            try describe(episode, in: group)
            let before = done
            let writer = try EpisodeWriter(group: group, episode: episode, samples: samples, options: options, pictures: pictures) {
                ticks in
                context.progress(progress(ticks: before + ticks, of: total))
            }
            try samples.read(episode, into: writer)
            try writer.finish()
            done += episode.count
        }
        try FileMetadata(options: options).write(of: [dataset], episodes: names.count, to: file)
        try file.flush()
        return EncodedPart(
            episodes: names.count,
            frames: total,
            bytesRead: dataset.bytes,
            warnings: samples.warnings + pictures.warnings(of: dataset.id),
            streams: samples.streams,
            detail: .init(episodes: names)
        )
    }

    /// Instruction, skill, score and times, as attributes of the episode: the platform's loader reads `task`, `task_zh`
    /// and `score` there.
    private func describe(_ episode: Episode, in group: HDF5Group) throws(HDF5Error) {
        let segment = episode.segment
        try group.setAttribute("task", segment.task)
        try group.setAttribute("task_zh", segment.taskZH ?? "")
        try group.setAttribute("score", segment.score ?? 0)
        try group.setAttribute("skill", segment.skill ?? "")
        try group.setAttribute("dataset", dataset.id.text)
        try group.setAttribute("start_ns", segment.range.start.nanoseconds)
        try group.setAttribute("end_ns", segment.range.end.nanoseconds)
    }

    private func progress(ticks: Int, of total: Int) -> WorkerProgress {
        let fraction = Double(ticks) / Double(max(total, 1))
        return WorkerProgress(fraction: fraction, dataset: dataset.id, bytesRead: Int64(Double(dataset.bytes) * fraction))
    }
}
