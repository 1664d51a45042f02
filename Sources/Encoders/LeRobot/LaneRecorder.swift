import ExportCore
import Formats
import Media
import Recordings
import Samples

/// Reads one lane's share of all episodes: some of the cameras, and in the first lane the numbers.
///
/// Used by one thread at a time.
final class LaneRecorder: EpisodeSink {
    /// The lane's cameras.
    let cameras: [CameraRecorder]
    /// For each episode what each of the lane's cameras came to.
    private(set) var results: [[(statistics: FeatureStatistics, videoBytes: Int64)]] = []
    /// For each episode the statistics of each numeric feature; empty but in the first lane.
    private(set) var numericStatistics: [[FeatureStatistics]] = []
    /// For each episode those of the times at which frames were taken, where these are a feature.
    private(set) var captureStatistics: [FeatureStatistics] = []

    private let samples: SampledRecording
    private let share: ReadingShare
    private let lanes: Int
    private let numerics: [NumericRecorder?]
    private let captureTimes: CaptureTimeRecorder?
    private let tasks: RowFile<Int32>.Writer?
    private let progress: LaneProgress
    private var seenTick = -1

    init(samples: SampledRecording, lane: Int, of lanes: Int, options: LeRobotOptions, files: PartFiles, progress: LaneProgress) throws {
        self.samples = samples
        self.lanes = lanes
        self.progress = progress
        let numbers = samples.cameras.indices.filter { $0 % lanes == lane }
        share = ReadingShare(hasNumerics: lane == 0, cameras: Set(numbers))
        cameras = numbers.map { CameraRecorder(samples.cameras[$0], number: $0, options: options, files: files) }
        guard lane == 0 else {
            (numerics, captureTimes, tasks) = ([], nil, nil)
            return
        }
        let present = samples.numerics.filter { !$0.columns.isEmpty }.map(\.name)
        numerics = try samples.numerics.map { feature in
            guard let place = present.firstIndex(of: feature.name) else { return nil }
            return try NumericRecorder(path: files.rows(feature: place), width: feature.columns.count, type: options.stateType)
        }
        captureTimes =
            options.hasCaptureTimes && !samples.cameras.isEmpty
            ? try CaptureTimeRecorder(path: files.captureTimes, cameras: samples.cameras.count) : nil
        tasks = options.subtasks == .frames ? try RowFile<Int32>(path: files.tasks, width: 1).makeWriter() : nil
    }

    func record() throws {
        for (number, episode) in samples.episodes.enumerated() {
            seenTick = -1
            for camera in cameras { try camera.begin(number, length: episode.count) }
            for numeric in numerics { numeric?.begin() }
            try samples.read(episode, share: share, into: self)
            results.append(try cameras.map { try $0.finish() })
            if share.hasNumerics { try finishNumbers(episode) }
        }
        try tasks?.flush()
    }

    private func finishNumbers(_ episode: Episode) throws {
        numericStatistics.append(try numerics.compactMap { try $0?.finish() })
        if let captureTimes { captureStatistics.append(try captureTimes.take(samples.captureTimes(of: episode))) }
        if let tasks {
            let frames = FrameTasks(episode)
            for tick in 0..<episode.count { try tasks.append(Int32(frames.number(atTick: tick))) }
        }
    }

    func write(_ values: [Double], of feature: Int, tick: Int) throws {
        try numerics[feature]?.take(values)
        count(tick)
    }

    func write(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, tick: Int) throws {
        try cameras[camera / lanes].take(picture, bytes: bytes, tick: tick)
        count(tick)
    }

    func write(_ picture: Picture, of camera: Int, tick: Int) throws {
        try cameras[camera / lanes].take(picture, tick: tick)
        count(tick)
    }

    private func count(_ tick: Int) {
        guard tick > seenTick else { return }
        seenTick = tick
        progress.tick()
    }
}
