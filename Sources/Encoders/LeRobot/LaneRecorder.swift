import ExportCore
import Files
import Formats
import Media
import Recordings
import Samples

/// Reads one lane's share of all episodes: some of the cameras, and in the first lane the numbers.
///
/// Where cameras become videos, the lane goes through the recording once for each of its cameras: an open encoder holds
/// around 100 MB, and to read once more costs little beside encoding. Otherwise once is enough.
///
/// Used by one thread at a time.
final class LaneRecorder: EpisodeSink {
    /// The lane's cameras.
    let cameras: [CameraRecorder]
    /// For each of the lane's cameras what it came to in each episode.
    private(set) var results: [[(statistics: FeatureStatistics, videoBytes: Int64)]]
    /// For each episode the statistics of each numeric feature; empty but in the first lane.
    private(set) var numericStatistics: [[FeatureStatistics]] = []
    /// For each episode those of the times at which frames were taken, where these are a feature.
    private(set) var captureStatistics: [FeatureStatistics] = []

    private let samples: SampledRecording
    /// What is read each time that the lane goes through the recording; cameras by their positions in the lane.
    private let passes: [Pass]
    private let lane: Int
    private let lanes: Int
    private let numerics: [NumericRecorder?]
    private let captureTimes: CaptureTimeRecorder?
    private let tasks: RowFile<Int32>.Writer?
    private let progress: LaneProgress
    private var seenTick = -1

    private struct Pass {
        let hasNumerics: Bool
        let cameras: Range<Int>
    }

    /// How often a lane goes through the recording.
    static func passes(lane: Int, of lanes: Int, cameras: Int, options: LeRobotOptions) -> Int {
        options.images == .video ? max((cameras - lane + lanes - 1) / lanes, 1) : 1
    }

    init(
        samples: SampledRecording,
        lane: Int,
        of lanes: Int,
        options: LeRobotOptions,
        files: PartFiles,
        room: EncoderRoom,
        progress: LaneProgress
    )
        throws
    {
        self.samples = samples
        (self.lane, self.lanes) = (lane, lanes)
        self.progress = progress
        let numbers = samples.cameras.indices.filter { $0 % lanes == lane }
        let count = Self.passes(lane: lane, of: lanes, cameras: samples.cameras.count, options: options)
        passes = (0..<count).map { pass in
            Pass(hasNumerics: lane == 0 && pass == 0, cameras: count == 1 ? numbers.indices : pass..<pass + 1)
        }
        results = numbers.map { _ in [] }
        cameras = numbers.map { CameraRecorder(samples.cameras[$0], number: $0, options: options, files: files, room: room) }
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
        // Other lanes may wait for the room that an encoder takes.
        defer { for camera in cameras { camera.abandon() } }
        for pass in passes { try record(pass) }
        try tasks?.flush()
    }

    private func record(_ pass: Pass) throws {
        let share = ReadingShare(hasNumerics: pass.hasNumerics, cameras: Set(pass.cameras.map { lane + $0 * lanes }))
        for (number, episode) in samples.episodes.enumerated() {
            seenTick = -1
            for camera in pass.cameras { try cameras[camera].begin(number, episode, of: samples) }
            if pass.hasNumerics { for numeric in numerics { numeric?.begin() } }
            try samples.read(episode, share: share, into: self)
            for camera in pass.cameras { results[camera].append(try cameras[camera].finish()) }
            if pass.hasNumerics { try finishNumbers(episode) }
            // An encoder's megabytes leave holes in which the next one's do not fit: over hundreds of episodes a process would grow by a
            // third of a megabyte with each.
            ProcessMemory.giveBackFree()
        }
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
