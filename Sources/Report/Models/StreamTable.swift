import Markup
import Quality

extension TableModel {
    /// All quantities of a recording's streams.
    static func streams(_ streams: [QualityStream], of kind: QualityReport.Kind, remainder: String?) -> TableModel {
        let judged = streams.contains { $0.verdict != .unjudged }
        var columns: [StreamColumn] = judged ? [.verdict] : []
        columns += kind == .frameDrops ? StreamColumn.drops : StreamColumn.alignment
        if judged { columns.append(.breaches) }
        return TableModel(
            caption: "Streams, worst first",
            corner: "Stream",
            columns: columns.map { Column(heading: $0.heading, unit: $0.unit, isOfWords: $0.isOfWords) },
            rows: streams.map { stream in
                let remark = kind == .timeAlignment ? stream.alignmentRemark : stream.dropRemark
                return Row(
                    rowHeading: shortened(stream.name) + (remark.map { " (\($0))" } ?? ""),
                    verdict: nil,
                    cells: columns.map { $0.cell(stream) }
                )
            },
            remainder: remainder
        )
    }
}

extension QualityStream {
    /// What is missing; nil where that can't be told, since there is no beat.
    var told: DropSummary? { nominalRate == nil ? nil : drops }

    /// Why nothing is said of what is missing; nil where something is.
    var dropRemark: String? {
        switch messages {
        case 0: "no frame at all"
        case 1: "one frame"
        case _ where nominalRate != nil: nil
        case _ where intervals?.maximum == 0: "all frames at one time"
        default: "no beat"
        }
    }

    /// How it lies beside the reference; nil where that can't be told.
    fileprivate var measured: OffsetSummary? { isAlignable ? offsets : nil }

    /// Why nothing is said of how it lies beside the reference; nil where something is.
    fileprivate var alignmentRemark: String? {
        if offsets == nil { return "the reference" }
        return isAlignable ? nil : "\(messages == 1 ? "one message" : "two messages"): no alignment measurable"
    }
}

/// One quantity of a stream.
private struct StreamColumn {
    var heading: String
    var unit: String?
    var isOfWords = false
    var cell: @Sendable (QualityStream) -> TableModel.Cell

    static func number(_ heading: String, _ unit: String? = nil, _ text: @escaping @Sendable (QualityStream) -> String) -> StreamColumn {
        StreamColumn(heading: heading, unit: unit) { .number(text($0)) }
    }

    static let verdict = StreamColumn(heading: "Verdict") { .verdict($0.verdict) }
    static let breaches = StreamColumn(heading: "Broken limits", isOfWords: true) {
        .words($0.breaches.map(\.words).joined(separator: "; "))
    }

    static let drops: [StreamColumn] = [
        number("Missing") { NumberText.count($0.told?.missing) },
        number("Drops") { NumberText.count($0.told?.events) },
        number("Missing", "%") { NumberText.percent($0.told?.ratio) },
        number("Longest burst", "frames") { NumberText.count($0.told?.longestBurst) },
        number("Longest interval", "ms") { NumberText.fixed($0.intervals?.maximum, 2) },
        number("Frames") { NumberText.whole($0.messages) },
        number("Nominal rate", "Hz") { NumberText.fixed($0.nominalRate, 2) },
        number("Mean rate", "Hz") { NumberText.fixed($0.meanRate, 2) },
        number("Interval median", "ms") { NumberText.fixed($0.intervals?.p50, 2) },
        number("Interval p95", "ms") { NumberText.fixed($0.intervals?.p95, 2) },
        number("Interval p99", "ms") { NumberText.fixed($0.intervals?.p99, 2) },
        number("Jitter", "ms") { NumberText.fixed($0.jitterMilliseconds, 2) },
        number("Bursts") { NumberText.count($0.told?.bursts) },
        number("Duplicates") { NumberText.count($0.drops?.duplicates) },
        number("Undecodable") { NumberText.count($0.drops?.undecodable) },
        number("Regressions") { NumberText.whole($0.regressions) },
    ]

    static let alignment: [StreamColumn] = [
        number("Missing") { NumberText.count($0.measured?.missing) },
        number("Offset p99", "ms") { NumberText.fixed($0.measured?.distribution?.p99, 3) },
        number("Lag", "ms") { NumberText.fixed($0.measured?.lagMilliseconds, 3) },
        number("Drift", "ppm") { NumberText.fixed($0.measured?.driftPPM, 2) },
        number("Offset p50", "ms") { NumberText.fixed($0.measured?.distribution?.p50, 3) },
        number("Offset p95", "ms") { NumberText.fixed($0.measured?.distribution?.p95, 3) },
        number("Offset max", "ms") { NumberText.fixed($0.measured?.distribution?.maximum, 3) },
        number("Offset mean", "ms") { NumberText.fixed($0.measured?.distribution?.mean, 3) },
        number("Offset std", "ms") { NumberText.fixed($0.measured?.distribution?.standardDeviation, 3) },
        number("Matched") { NumberText.count($0.measured?.matched) },
        number("Messages") { NumberText.whole($0.messages) },
        number("Mean rate", "Hz") { NumberText.fixed($0.meanRate, 2) },
        number("Latency median", "ms") { NumberText.fixed($0.latency?.p50, 3) },
        number("Latency p95", "ms") { NumberText.fixed($0.latency?.p95, 3) },
        number("Regressions") { NumberText.whole($0.regressions) },
    ]
}
