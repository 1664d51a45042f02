import ExportCore
import Fields
import Files
import Formats

/// Format v2.1: a table and a video of each camera for each episode, metadata as lines of JSON.
struct LayoutV21: DatasetLayout {
    let features: FeatureTable
    private let folder: String
    private let options: LeRobotOptions
    private let episodes: LineFile
    private let statistics: LineFile

    init(folder: String, features: FeatureTable, options: LeRobotOptions) throws {
        self.folder = folder
        self.features = features
        self.options = options
        episodes = try LineFile("\(folder)/meta/episodes.jsonl")
        statistics = try LineFile("\(folder)/meta/episodes_stats.jsonl")
    }

    mutating func add(_ episode: AssembledEpisode) throws {
        let table = try DataTable(path: "\(folder)/\(DatasetPaths.dataV21(episode.index))", features: features, options: options)
        try table.append(episode.tableEntry(options, features), rows: episode.rows)
        try table.finish()
        if options.images == .video {
            for (number, camera) in features.cameras.enumerated() {
                let path = "\(folder)/\(DatasetPaths.videoV21(camera.name, episode.index))"
                try FileSystem.makeDirectories(FileSystem.parent(of: path))
                try FileSystem.link(episode.files.video(camera: number, episode: episode.numberInPart), to: path)
            }
        }
        try episodes.append([
            "episode_index": .integer(Int64(episode.index)), "tasks": .list(episode.record.tasks.map { .text($0) }),
            "length": .integer(Int64(episode.record.length)),
        ])
        let rate = options.sampling.rate.value
        let members = zip(features.names, episode.statistics(rate: rate)).map { name, statistics in
            FieldMember(name.name, statistics.document(isPicture: name.isPicture, withQuantiles: false))
        }
        try statistics.append(["episode_index": .integer(Int64(episode.index)), "stats": .object(members)])
    }

    mutating func finish(tasks: [String]) throws {
        let file = try LineFile("\(folder)/meta/tasks.jsonl")
        for (number, task) in tasks.enumerated() { try file.append(["task_index": .integer(Int64(number)), "task": .text(task)]) }
    }
}

extension FeatureTable {
    /// The names of all features in order.
    fileprivate var names: [(name: String, isPicture: Bool)] {
        var names = numerics.map { ($0.name, false) }
        if hasCaptureTimes { names.append((Self.captureTimes, false)) }
        names += cameras.map { ($0.name, true) }
        return names + ["timestamp", "frame_index", "episode_index", "index", "task_index"].map { ($0, false) }
    }
}
