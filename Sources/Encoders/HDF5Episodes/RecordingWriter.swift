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
        // Sampling may begin anew when it meets a message that holds no sample; so do the files.
        for name in try FileSystem.list(context.folder) where name.hasPrefix("episode") || name.hasPrefix("waiting_") {
            try FileSystem.removeFile("\(context.folder)/\(name)")
        }
        let total = samples.episodes.reduce(0) { $0 + $1.count }
        let pictures = PictureConverter()
        var done = 0
        var names: [String] = []
        func write(_ episode: Episode, in group: HDF5Group) throws {
            try describe(episode, in: group)
            let before = done
            let writer = try EpisodeWriter(
                group: group,
                folder: context.folder,
                episode: episode,
                samples: samples,
                options: options,
                pictures: pictures
            ) { ticks in
                context.progress(progress(ticks: before + ticks, of: total))
            }
            try samples.read(episode, into: writer)
            try writer.finish()
            done += episode.count
            ProcessMemory.giveBackFree()
        }
        if options.layout == .aloha {
            for episode in samples.episodes {
                let name = HDF5Names.alohaFile(names.count)
                names.append(name)
                let file = try HDF5File(creating: "\(context.folder)/\(name)")
                try file.root.setAttribute("sim", false)
                try write(episode, in: file.root)
                try FileMetadata(options: options).write(of: [dataset], episodes: 1, to: file)
                try file.flush()
            }
        } else {
            let file = try HDF5File(creating: "\(context.folder)/\(HDF5EpisodesEncoder.partFile)")
            let data = try file.root.makeGroup("data")
            for episode in samples.episodes {
                let name = HDF5Names.episode(names.count + 1)
                names.append(name)
                try write(episode, in: try data.makeGroup(name))
            }
            try FileMetadata(options: options).write(of: [dataset], episodes: names.count, to: file)
            try file.flush()
        }
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
        if options.layout == .robomimic { try group.setAttribute("num_samples", Int64(episode.count)) }
    }

    private func progress(ticks: Int, of total: Int) -> WorkerProgress {
        let fraction = Double(ticks) / Double(max(total, 1))
        return WorkerProgress(fraction: fraction, dataset: dataset.id, bytesRead: Int64(Double(dataset.bytes) * fraction))
    }
}
