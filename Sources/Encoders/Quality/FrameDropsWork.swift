import Encoding
import ExportCore
import Files
import Formats
import Plans
import Quality
import Recordings

/// Finds what the cameras and video files of one recording lack.
struct FrameDropsWork {
    let dataset: PlannedDataset
    let options: FrameDropsOptions
    let context: PartContext

    func run() throws -> EncodedPart<FrameDropsEncoder.Detail> {
        let streams = try RecordingStreams(dataset, readsFrames: options.verify, context)
        let table = try CSVFile(rowsAt: "\(context.folder)/\(FrameDropsEncoder.partFile)")
        let limits = LimitCheck(options)
        let cameras = streams.recording.topics.filter { topic in
            if case .image = topic.content { true } else { false }
        }
        let videos = dataset.files.dropFirst(dataset.volumes).filter { VideoFileName.isVideo($0.path) }
        let start = streams.recording.range?.start.nanoseconds
        var record = QualityRecording(dataset: dataset.id.text, startNanoseconds: start)
        if let range = streams.recording.range { record.durationSeconds = Double(range.nanoseconds) / 1e9 }
        var warnings = [Warning]()
        let total = Double(cameras.count + videos.count)
        var arrivals: [(topic: Topic, locations: SpilledArray<PayloadLocation>)] = []
        var cameraEnds: [(topic: String, times: [Int64])] = []
        for (topic, (times, locations)) in zip(cameras, try streams.recording.arrivals(of: cameras, clock: options.clock)) {
            try context.cancellation.check()
            arrivals.append((topic, locations))
            cameraEnds.append((topic.name, [times.min(), times.max()].compactMap(\.self)))
            var verified: FrameVerification.FrameFindings?
            if options.verify {
                verified = try FrameVerification(streams.recording, topic, cancellation: context.cancellation).run(locations)
            }
            record.streams.append(try stream(topic.name, times, start: start ?? 0, verified, notes: &record.notes, to: table, limits))
            context.progress(WorkerProgress(fraction: 0.9 * Double(record.streams.count) / total, dataset: dataset.id))
        }
        // Only by their log time can the other topics tell how long it lasted.
        let range = options.clock == .logTime ? streams.recording.range : nil
        let ends = cameraEnds.flatMap(\.times) + (range.map { [$0.start.nanoseconds, $0.end.nanoseconds] } ?? [])
        if let first = ends.min(), let last = ends.max() {
            let coverage = Coverage(from: first, to: last, streams: record.streams)
            for (topic, times) in cameraEnds {
                record.notes += coverage.notes(on: topic, times, consequence: "what it lacks there counts as no drop")
            }
        }
        for (topic, latency) in try streams.latencies(of: arrivals) {
            if let index = record.streams.firstIndex(where: { $0.name == topic }) { record.streams[index].latency = latency }
        }
        for video in videos {
            try context.cancellation.check()
            let name = videoName(video.path)
            do {
                let frames = try VideoFrames(
                    "\(dataset.store)/\(video.path)",
                    verify: options.verify,
                    cancellation: context.cancellation
                )
                record.notes += frames.notes.map { "\(name): \($0)" }
                if frames.isCutOff, let note = frames.notes.first {
                    warnings.append(Warning("video_cut_off", "\(name): \(note)", dataset: dataset.id))
                }
                // A video file has a time line of its own, which begins with its first frame.
                let first = frames.times.min() ?? 0
                record.streams.append(
                    try stream(name, frames.times, start: first, frames.verified, notes: &record.notes, to: table, limits)
                )
            } catch let error where !(error is CancellationError) {
                // Where the store is mounted has no place in a package.
                let reason = ExportError(error).message.split(separator: "\(dataset.store)/").joined()
                let sentence = "\(name) cannot be read as a video: \(reason)"
                record.notes.append(sentence)
                warnings.append(Warning("video_unreadable", sentence, dataset: dataset.id))
                var unreadable = QualityStream(name: name, messages: 0)
                unreadable.drops = FrameGaps(times: []).summary(frames: 0)
                limits.judge(&unreadable)
                record.streams.append(unreadable)
            }
        }
        if record.streams.isEmpty { record.notes.append("The recording has no camera and no video file.") }
        limits.judge(&record)
        try table.finish()
        try QualityAssembly.write(record, to: context.folder)
        return EncodedPart(
            episodes: 1,
            frames: record.streams.reduce(0) { $0 + $1.messages },
            bytesRead: try FrameDropsEncoder(options: options).estimate(dataset).bytesRead,
            warnings: streams.recording.warnings.map { Warning($0.code, $0.message, dataset: dataset.id) } + warnings,
            streams: [],
            detail: .init()
        )
    }

    /// What is found in one stream; its drops become rows.
    private func stream(
        _ name: String,
        _ times: [Int64],
        start: Int64,
        _ verified: FrameVerification.FrameFindings?,
        notes sentences: inout [String],
        to table: CSVFile,
        _ limits: LimitCheck
    ) throws -> QualityStream {
        let gaps = FrameGaps(times: times)
        var found = QualityStream(name: name, messages: times.count, gaps: gaps)
        var drops = gaps.summary(frames: times.count)
        drops.duplicates = verified?.duplicates
        drops.undecodable = verified?.undecodable
        found.drops = drops
        found.plots = QualityPlots(gaps: gaps, times: times, start: start)
        limits.judge(&found)
        sentences += notes(on: gaps, of: name)
        if gaps.rhythm == nil, times.count > 2, gaps.largestGap ?? 0 > 0 {
            sentences.append("\(name) keeps no beat, so none of its frames can be said to be missing.")
        }
        let expected = CSVFile.number(gaps.rhythm.map { $0.interval / 1e6 })
        for (number, drop) in gaps.drops.enumerated() {
            try table.append([
                CSVFile.cell(dataset.id.text), CSVFile.cell(name), String(number + 1), String(drop.frame), String(drop.before),
                String(drop.after),
                seconds(drop.before, since: start), seconds(drop.after, since: start), CSVFile.milliseconds(drop.gap), expected,
                String(drop.missing),
            ])
        }
        return found
    }

    private func seconds(_ time: Int64, since start: Int64) -> String {
        let (difference, overflow) = time.subtractingReportingOverflow(start)
        return overflow ? "" : CSVFile.seconds(difference)
    }

    /// The path of a video below the folder of its recording.
    private func videoName(_ path: String) -> String {
        guard let volume = dataset.files.first?.path else { return path }
        let folder = volume.split(separator: "/").dropLast().joined(separator: "/") + "/"
        return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    }
}
