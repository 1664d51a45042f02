import Encoding
import ExportCore
import Files
import Formats
import Plans
import Quality
import Recordings

/// Aligns the streams of one recording.
struct AlignmentWork {
    let dataset: PlannedDataset
    let options: TimeAlignmentOptions
    let context: PartContext

    /// A topic with its times.
    private struct AlignedStream {
        var topic: Topic
        /// In the order of the file.
        var arrivals: [Int64]
        var locations: SpilledArray<PayloadLocation>
        /// Ascending.
        var times: [Int64]
    }

    func run() throws -> EncodedPart<TimeAlignmentEncoder.Detail> {
        let streams = try RecordingStreams(dataset, context)
        let reference = Topic.normalised(try AlignmentReference.choose(options.reference, in: dataset).topic)
        let topics = streams.recording.topics.filter { $0.messages > 0 || $0.name == reference }
        var all: [AlignedStream] = []
        for (topic, (times, locations)) in zip(topics, try streams.recording.arrivals(of: topics, clock: options.clock)) {
            let isAscending = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
            all.append(AlignedStream(topic: topic, arrivals: times, locations: locations, times: isAscending ? times : times.sorted()))
        }
        context.progress(WorkerProgress(fraction: 0.5, dataset: dataset.id))
        guard let position = all.firstIndex(where: { $0.topic.name == reference }) else {
            throw ExportError(.topicMissing, "The reference \(reference) is no topic of the recording.")
        }
        let frames = all[position]
        let frameGaps = FrameGaps(times: frames.arrivals)
        let interval = frameGaps.medianInterval(of: frames.times)
        let referenceStretch = BeatenStretch(frames.arrivals, frameGaps)

        let latencies = try streams.latencies(of: all.map { ($0.topic, $0.locations) })
        let start = all.compactMap(\.times.first).min()
        let end = all.compactMap(\.times.last).max()
        var record = QualityRecording(dataset: dataset.id.text, startNanoseconds: start, reference: reference)
        if let start, let end { record.durationSeconds = QualityPlots.seconds(end, since: start) }
        var rows: [(times: [Int64], matches: NearestMatches)] = []
        for (index, stream) in all.enumerated() {
            try context.cancellation.check()
            let gaps = index == position ? frameGaps : FrameGaps(times: stream.arrivals)
            var found = QualityStream(name: stream.topic.name, messages: stream.times.count, gaps: gaps)
            found.latency = latencies[stream.topic.name]
            var plots = QualityPlots(gaps: gaps, times: stream.arrivals, start: start ?? 0)
            plots.drops = []
            if index != position {
                let own = gaps.medianInterval(of: stream.times)
                let tolerance = options.fixedTolerance ?? NearestMatches.automaticTolerance(own, reference: interval)
                let matches = NearestMatches(stream: stream.times, reference: frames.times, tolerance: tolerance)
                rows.append((stream.times, matches))
                found.offsets = offsets(of: stream, matches, reference: frames, start: start ?? 0, plots: &plots)
                if let stretch = BeatenStretch(stream.arrivals, gaps), let referenceStretch,
                    let lag = StreamLag(of: stretch, against: referenceStretch)
                {
                    found.offsets?.lagMilliseconds = lag.lag / 1e6
                    found.offsets?.driftPPM = lag.drift.map { $0 * 1e6 }
                }
            }
            found.plots = plots
            record.streams.append(found)
            record.notes += notes(on: gaps, of: stream.topic.name)
        }
        try writeRows(reference: frames.times, rows)
        if let start, let end {
            record.notes += Coverage(from: start, to: end, streams: record.streams)
                .notes(on: "The reference \(reference)", frames.times, consequence: "nothing is aligned there")
        }
        record.notes += silence(of: streams.recording.topics)
        record.notes += try AlignResultCheck(dataset: dataset, cancellation: context.cancellation)
            .notes(reference: (reference, frames.times), streams: all.map { ($0.topic.name, $0.times) })
        try QualityAssembly.write(record, to: context.folder)
        let disagreements = record.notes.filter { $0.hasPrefix(AlignResultCheck.fileName) }
        return EncodedPart(
            episodes: 1,
            frames: frames.times.count,
            bytesRead: try estimateBytes(),
            warnings: streams.recording.warnings.map { Warning($0.code, $0.message, dataset: dataset.id) }
                + disagreements.map { Warning("align_result", $0, dataset: dataset.id) },
            streams: [],
            detail: .init(topics: all.map(\.topic.name).filter { $0 != reference })
        )
    }

    /// A sentence on topics that the recording names and that have no message; those of cameras come first.
    private func silence(of topics: [Topic]) -> [String] {
        let silent = topics.filter { $0.messages == 0 }
        guard !silent.isEmpty else { return [] }
        let cameras = silent.filter { if case .image = $0.content { true } else { false } }.map(\.name)
        let names = cameras + silent.map(\.name).filter { !cameras.contains($0) }
        let most = 20
        let rest = names.count > most ? " and \(names.count - most) more" : ""
        return ["No message came on \(names.prefix(most).joined(separator: ", "))\(rest)."]
    }

    private func estimateBytes() throws(ExportError) -> Int64 {
        try TimeAlignmentEncoder(options: options).estimate(dataset).bytesRead
    }

    private func offsets(
        of stream: AlignedStream,
        _ matches: NearestMatches,
        reference: AlignedStream,
        start: Int64,
        plots: inout QualityPlots
    ) -> OffsetSummary {
        var (offsets, matched) = ([Int64](), [Int]())
        offsets.reserveCapacity(matches.positions.count)
        matched.reserveCapacity(matches.positions.count)
        for (frame, position) in matches.positions.enumerated() {
            guard let position else { continue }
            // Within the tolerance, so the difference cannot overflow.
            offsets.append(stream.times[position] - reference.times[frame])
            matched.append(frame)
        }
        plots.offsets = QualityPlots.curve(of: offsets) { QualityPlots.seconds(reference.times[matched[$0]], since: start) }
        plots.offsetHistogram = Histogram(nanoseconds: offsets)
        return OffsetSummary(
            matched: offsets.count,
            missing: matches.positions.count - offsets.count,
            distribution: Distribution(nanoseconds: offsets, magnitudes: true),
            lagMilliseconds: nil,
            driftPPM: nil
        )
    }

    /// No offset is this: the largest distance is the other end of the range.
    private static let missing = Int64.min

    /// How far the match of each stream lies from a frame, frame by frame; `missing` where there is none.
    private func offsetsByFrame(_ reference: [Int64], _ streams: [(times: [Int64], matches: NearestMatches)]) -> [Int64] {
        var offsets = [Int64](repeating: Self.missing, count: reference.count * streams.count)
        for (column, stream) in streams.enumerated() {
            for (frame, position) in stream.matches.positions.enumerated() {
                guard let position else { continue }
                // Within the tolerance, so the difference cannot overflow.
                offsets[frame * streams.count + column] = stream.times[position] - reference[frame]
            }
        }
        return offsets
    }

    private func writeRows(reference: [Int64], _ streams: [(times: [Int64], matches: NearestMatches)]) throws {
        let file = try CSVFile(rowsAt: "\(context.folder)/\(AlignmentTable.partFile)")
        let name = Array(CSVFile.cell(dataset.id.text).utf8)
        let (offsets, width) = (offsetsByFrame(reference, streams), streams.count)
        var text = TextBuffer(capacity: 1 << 18)
        for (frame, time) in reference.enumerated() {
            if frame & 0xFFF == 0 { try context.cancellation.check() }
            text.append(name)
            text.append(UInt8(ascii: ","))
            text.append(digitsOf: UInt64(frame))
            text.append(UInt8(ascii: ","))
            text.append(integer: time)
            for place in (frame * width)..<((frame + 1) * width) {
                text.append(UInt8(ascii: ","))
                let offset = offsets[place]
                if offset == Self.missing {
                    text.append(UInt8(ascii: ","))
                    continue
                }
                text.append(integer: time + offset)
                text.append(UInt8(ascii: ","))
                text.append(milliseconds: offset)
            }
            text.append(UInt8(ascii: "\r"))
            text.append(UInt8(ascii: "\n"))
            guard text.count >= 1 << 17 else { continue }
            try text.withBytes { rows throws in try file.append(rows: rows) }
            text.cut(to: 0)
        }
        try text.withBytes { rows throws in try file.append(rows: rows) }
        try file.finish()
    }
}

extension TextBuffer {
    fileprivate mutating func append(integer value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(digitsOf: value.magnitude)
    }

    /// Nanoseconds as milliseconds, exactly, with six places.
    fileprivate mutating func append(milliseconds nanoseconds: Int64) {
        if nanoseconds < 0 { append(UInt8(ascii: "-")) }
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        append(digitsOf: whole)
        append(UInt8(ascii: "."))
        append(six: rest)
    }
}

extension TimeAlignmentOptions {
    /// The tolerance in nanoseconds; nil where it follows the streams.
    var fixedTolerance: Int64? {
        switch tolerance {
        case .auto: nil
        case .nanoseconds(let value): value
        }
    }
}
