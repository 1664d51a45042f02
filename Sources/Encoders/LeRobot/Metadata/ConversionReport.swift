import Encoding
import ExportCore
import Fields
import Plans

/// `meta/exportd/conversion_report.json`: how every stream met the ticks, and what the user should know.
struct ConversionReport {
    var parts: [PartRecord]

    var document: FieldValue {
        [
            "schema": .text("exportd-conversion-report/1"),
            "streams": .list(parts.flatMap(\.streams).map(Self.row)),
            "warnings": .list(
                parts.flatMap(\.warnings).map { warning in
                    [
                        "code": .text(warning.code), "message": .text(warning.message),
                        "dataset": warning.dataset.map { .text($0.text) } ?? .null,
                    ]
                }
            ),
        ]
    }

    private static func row(_ stream: StreamReport) -> FieldValue {
        [
            "dataset": .text(stream.dataset.text), "topic": .text(stream.topic), "feature": .text(stream.feature),
            "ticks": .integer(Int64(stream.ticks)), "held_ticks": .integer(Int64(stream.heldTicks)),
            "dropped_ticks": .integer(Int64(stream.droppedTicks)), "sync_error_mean_ms": .decimal(stream.meanMilliseconds),
            "sync_error_p95_ms": .decimal(stream.p95Milliseconds), "sync_error_max_ms": .decimal(stream.maxMilliseconds),
        ]
    }
}
