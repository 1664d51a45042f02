import Encoding
import ExportCore
import Fields
import Plans

/// `meta/exportd/conversion_report.json`: how every stream met the ticks, and what the user should know.
struct ConversionReport {
    var parts: [FinishedPart<LeRobotEncoder.Detail>]
    var hasVideo: Bool

    var document: FieldValue {
        [
            "schema": .text("exportd-conversion-report/1"),
            "streams": .list(parts.flatMap(\.record.streams).map(Self.row)),
            "videos": .list(hasVideo ? parts.flatMap(Self.videos) : []),
            "warnings": .list(
                parts.flatMap(\.record.warnings).map { warning in
                    [
                        "code": .text(warning.code), "message": .text(warning.message),
                        "dataset": warning.dataset.map { .text($0.text) } ?? .null,
                    ]
                }
            ),
        ]
    }

    /// For each camera of a recording how many episodes' videos are its own H.264 and how many were encoded, and why.
    private static func videos(of part: FinishedPart<LeRobotEncoder.Detail>) -> [FieldValue] {
        zip(part.detail.cameras, part.detail.videos).map { camera, video in
            [
                "dataset": .text(part.dataset.id.text), "feature": .text(camera.name),
                "copied_episodes": .integer(Int64(video.copied)), "encoded_episodes": .integer(Int64(video.encoded)),
                "reason": video.reason.map { .text($0) } ?? .null,
            ]
        }
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
