import Encoding
import ExportCore
import Files
import Formats
import FoundationEssentials
import Plans
import Recordings
import Samples

/// Encodes all episodes of one recording into the folder of its part, with a thread for each lane.
///
/// The cameras are dealt out, and the first lane takes the numbers too. What is written does not depend on the number of
/// lanes.
struct PartRecorder {
    let dataset: PlannedDataset
    let options: LeRobotOptions
    let context: PartContext

    func record(_ lanes: [SampledRecording]) throws -> EncodedPart<LeRobotEncoder.Detail> {
        let samples = lanes[0]
        // Sampling may begin anew when it meets a message that holds no sample; so does the folder.
        for name in try FileSystem.list(context.folder) { try FileSystem.removeFile("\(context.folder)/\(name)") }
        let files = PartFiles(folder: context.folder)
        let faces = try SampledFaceBlur(options.faceBlur, target: options.images == .video ? .picture : .bytes)
            .prepare(lanes, dataset: dataset.id, folder: context.folder)
        let total = samples.episodes.reduce(0) { $0 + $1.count }
        let passes = lanes.indices.reduce(0) { sum, lane in
            sum + LaneRecorder.passes(lane: lane, of: lanes.count, cameras: samples.cameras.count, options: options)
        }
        let progress = LaneProgress(total: total * passes) { fraction in
            let bytes = Int64(Double(dataset.bytes) * fraction)
            context.progress(WorkerProgress(fraction: fraction, dataset: dataset.id, bytesRead: bytes))
        }
        let room = EncoderRoom()
        let recorders = try lanes.indices.map { lane in
            try LaneRecorder(
                samples: lanes[lane],
                lane: lane,
                of: lanes.count,
                options: options,
                files: files,
                room: room,
                progress: progress
            )
        }
        try Lanes.run(recorders) { recorder in try recorder.record() }
        var part = try finish(samples, recorders, files, total)
        part.faceBlur = faces
        return part
    }

    private func finish(
        _ samples: SampledRecording,
        _ recorders: [LaneRecorder],
        _ files: PartFiles,
        _ total: Int
    ) throws -> EncodedPart<LeRobotEncoder.Detail> {
        let cameras = samples.cameras.indices.map { recorders[$0 % recorders.count].cameras[$0 / recorders.count] }
        let records = try EpisodeRecords(folder: context.folder).makeWriter()
        var lengths: [Int] = []
        for (number, episode) in samples.episodes.enumerated() {
            lengths.append(episode.count)
            let results = samples.cameras.indices.map { recorders[$0 % recorders.count].results[$0 / recorders.count][number] }
            try records.append(
                EpisodeRecord(
                    length: episode.count,
                    segment: episode.segment,
                    nested: episode.nested,
                    first: episode.time(0),
                    last: episode.time(episode.count - 1),
                    tasks: FrameTasks(episode).tasks,
                    numerics: recorders[0].numericStatistics[number],
                    captureTimes: recorders[0].captureStatistics.isEmpty ? nil : recorders[0].captureStatistics[number],
                    cameras: results.map(\.statistics),
                    videoBytes: options.images == .video ? results.map(\.videoBytes) : []
                )
            )
        }
        let pixels = try JSONEncoder().encode(cameras.map(\.statistics))
        try FileSystem.writeAtomically(files.pixels, [UInt8](pixels))
        let detail = LeRobotEncoder.Detail(
            numerics: samples.numerics.filter { !$0.columns.isEmpty }.map { .init(name: $0.name, columns: $0.columns) },
            cameras: zip(samples.cameras, cameras).map { camera, recorder in
                .init(name: camera.name, width: recorder.size?.width ?? 0, height: recorder.size?.height ?? 0)
            },
            videos: cameras.map(\.origin),
            previews: CameraRecorder.previews
        )
        let own = TrainingWarnings(dataset: dataset.id, detail: detail, options: options, lengths: lengths)
        return EncodedPart(
            episodes: samples.episodes.count,
            frames: total,
            bytesRead: dataset.bytes,
            warnings: samples.warnings + cameras.flatMap { $0.warnings(of: dataset.id) }
                + own.warnings(numerics: recorders[0].numericStatistics),
            streams: samples.streams,
            detail: detail
        )
    }
}

/// How far all lanes are together.
final class LaneProgress: Sendable {
    private let done = Counter()
    private let total: Int
    private let report: @Sendable (Double) -> Void

    init(total: Int, report: @escaping @Sendable (Double) -> Void) {
        self.total = max(total, 1)
        self.report = report
    }

    func tick() {
        report(Double(done.increment()) / Double(total))
    }
}
