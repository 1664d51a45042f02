import ExportCore
import Formats
import Parquet

/// Format v3.0: tables and videos of many episodes each.
struct LayoutV30: DatasetLayout {
    let features: FeatureTable
    private let folder: String
    private let options: LeRobotOptions
    private let episodes: EpisodesTable
    private var data: DataTable?
    private var dataPosition = FilePosition()
    private var videos: [VideoFiles]

    init(folder: String, features: FeatureTable, options: LeRobotOptions) throws {
        self.folder = folder
        self.features = features
        self.options = options
        let cameras = options.images == .video ? features.cameras.map(\.name) : []
        videos = cameras.map { VideoFiles(feature: $0, folder: folder, rate: options.sampling.rate.value) }
        episodes = try EpisodesTable(
            path: "\(folder)/\(DatasetPaths.episodes(FilePosition()))",
            videos: cameras,
            features: features.kinds
        )
    }

    mutating func add(_ episode: AssembledEpisode) throws {
        let table = try tableWithRoom(forFrames: episode.record.length)
        try table.append(episode.tableEntry(options, features), rows: episode.rows)
        var places: [VideoFiles.Place] = []
        for camera in videos.indices {
            places.append(
                try videos[camera].append(
                    episode.files.video(camera: camera, episode: episode.numberInPart),
                    bytes: episode.record.videoBytes[camera],
                    frames: episode.record.length
                )
            )
        }
        try episodes.append(
            EpisodesTable.Row(
                index: episode.index,
                tasks: episode.record.tasks,
                length: episode.record.length,
                data: dataPosition,
                firstFrame: episode.firstFrame,
                videos: places,
                statistics: episode.statistics(rate: options.sampling.rate.value)
            )
        )
    }

    mutating func finish(tasks: [String]) throws {
        try data?.finish()
        for camera in videos.indices { try videos[camera].finish() }
        try episodes.finish()
        try TasksTable.write(tasks, to: "\(folder)/meta/tasks.parquet")
    }

    /// The table that is open, or a new one where the official library would begin one: where the episode would bring it to
    /// its size, counted by its mean bytes a frame.
    private mutating func tableWithRoom(forFrames frames: Int) throws -> DataTable {
        if let data {
            let megabytes = Double(data.bytes) / Double(1 << 20)
            if megabytes + megabytes / Double(max(data.frames, 1)) * Double(frames) < Double(DatasetInfo.dataFileMegabytes) { return data }
            try data.finish()
            dataPosition = dataPosition.next
        }
        let table = try DataTable(path: "\(folder)/\(DatasetPaths.data(dataPosition))", features: features, options: options)
        data = table
        return table
    }
}

extension AssembledEpisode {
    /// What a table of frames is told of the episode.
    func tableEntry(_ options: LeRobotOptions, _ features: FeatureTable) throws -> DataTable.Episode {
        DataTable.Episode(
            index: index,
            firstFrame: firstFrame,
            length: record.length,
            tasks: tasks.map { Int64($0) },
            pictures: try pictures(options, features)
        )
    }

    /// The episode's pictures of each camera where these lie in tables.
    private func pictures(_ options: LeRobotOptions, _ features: FeatureTable) throws -> [RowGroupFragment] {
        guard options.images == .image else { return [] }
        return try features.cameras.indices.map { try RowGroupFragment(reading: files.cells(camera: $0, episode: numberInPart)) }
    }
}

extension FeatureTable {
    /// The names of all features with how their statistics are shaped, in order.
    fileprivate var kinds: [(name: String, kind: EpisodesTable.Kind)] {
        var kinds: [(String, EpisodesTable.Kind)] = numerics.map { ($0.name, .decimal) }
        if hasCaptureTimes { kinds.append((Self.captureTimes, .integer)) }
        kinds += cameras.map { ($0.name, .picture) }
        kinds.append(("timestamp", .decimal))
        kinds += ["frame_index", "episode_index", "index", "task_index"].map { ($0, .integer) }
        return kinds
    }
}
