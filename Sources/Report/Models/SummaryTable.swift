import Quality

/// The columns of the summary: the worst of a recording's streams, and its sums.
enum SummaryRow {
    static func cells(_ recording: QualityRecording, kind: QualityReport.Kind) -> [TableModel.Cell] {
        let breaches = recording.breaches.count + recording.streams.reduce(0) { $0 + $1.breaches.count }
        let notes = TableModel.Cell.number(NumberText.whole(recording.notes.count))
        let size: [TableModel.Cell] = [
            .number(NumberText.whole(recording.streams.count)), .number(NumberText.fixed(recording.durationSeconds, 1)),
        ]
        // Alignment has no limits, so it has neither verdicts nor broken ones.
        if kind == .timeAlignment { return alignment(recording) + [notes] + size }
        let frames = TableModel.Cell.number(NumberText.whole(QualityTotals(recording).messages))
        return [.verdict(recording.verdict)] + drops(recording) + [.number(NumberText.whole(breaches)), notes, frames] + size
    }

    static func columns(_ kind: QualityReport.Kind) -> [TableModel.Column] {
        var columns: [TableModel.Column] = kind == .frameDrops ? [.init(heading: "Verdict")] : []
        // What is wrong comes first: a phone shows two or three columns.
        switch kind {
        case .frameDrops:
            columns += [
                .init(heading: "Worst stream missing", unit: "%"), .init(heading: "Missing"), .init(heading: "Drops"),
                .init(heading: "Longest interval", unit: "ms"), .init(heading: "Broken limits"), .init(heading: "Notes"),
                .init(heading: "Frames"),
            ]
        case .timeAlignment:
            columns += [
                .init(heading: "Matched in worst stream", unit: "%"), .init(heading: "Largest offset p99", unit: "ms"),
                .init(heading: "Largest lag", unit: "ms"), .init(heading: "Largest drift", unit: "ppm"), .init(heading: "Regressions"),
                .init(heading: "Notes"),
            ]
        }
        return columns + [.init(heading: "Streams"), .init(heading: "Duration", unit: "s")]
    }

    private static func drops(_ recording: QualityRecording) -> [TableModel.Cell] {
        let totals = QualityTotals(recording)
        let told = recording.streams.compactMap(\.told)
        // Of a camera that sent nothing, everything is missing.
        let ratio = recording.streams.contains { $0.messages == 0 } ? 1 : told.map(\.ratio).max()
        return [
            .number(NumberText.percent(ratio)), .number(NumberText.count(told.isEmpty ? nil : totals.missing)),
            .number(NumberText.count(told.isEmpty ? nil : totals.drops)),
            .number(NumberText.fixed(recording.streams.compactMap { $0.intervals?.maximum }.max(), 1)),
        ]
    }

    private static func alignment(_ recording: QualityRecording) -> [TableModel.Cell] {
        let offsets = recording.streams.filter(\.isAlignable).compactMap(\.offsets)
        let matched = offsets.filter { $0.matched + $0.missing > 0 }.map { Double($0.matched) / Double($0.matched + $0.missing) }.min()
        return [
            .number(NumberText.percent(matched)), .number(NumberText.fixed(offsets.compactMap { $0.distribution?.p99 }.max(), 3)),
            .number(NumberText.fixed(largest(offsets.compactMap(\.lagMilliseconds)), 3)),
            .number(NumberText.fixed(largest(offsets.compactMap(\.driftPPM)), 2)),
            .number(NumberText.whole(recording.streams.reduce(0) { $0 + $1.regressions })),
        ]
    }

    /// The value that lies farthest from zero, with its sign.
    private static func largest(_ values: [Double]) -> Double? {
        values.max { abs($0) < abs($1) }
    }
}

/// What a report adds up.
struct QualityTotals {
    var messages = 0
    var drops = 0
    var missing = 0

    init() {}

    init(_ recording: QualityRecording) {
        for stream in recording.streams {
            messages += stream.messages
            drops += stream.drops?.events ?? 0
            missing += stream.drops?.missing ?? 0
        }
    }

    mutating func add(_ other: QualityTotals) {
        messages += other.messages
        drops += other.drops
        missing += other.missing
    }
}
