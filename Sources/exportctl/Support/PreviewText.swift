import ExportCore
import Sidecars

/// What a preview found, for people.
enum PreviewText {
    static func lines(_ preview: PreviewReport) -> [String] {
        var table = Table(["dataset", "segments", "size"])
        for dataset in preview.datasets { table.add([dataset.id.text, String(dataset.segments), Wording.bytes(dataset.bytes)]) }
        var lines = table.lines
        for skipped in preview.skipped { lines.append("left out   \(skipped.id): \(skipped.message)") }
        for export in preview.exports {
            let parts = [
                export.format, Wording.count(export.episodes, "episode"), Wording.count(export.frames, "frame"),
                "about \(Wording.bytes(export.bytesWritten)) from \(Wording.bytes(export.bytesRead))",
            ]
            lines.append("export     \(parts.joined(separator: ", "))")
        }
        if let eta = preview.etaSeconds { lines.append("time       about \(LengthOfTime.text(eta))") }
        for refusal in preview.refusals {
            lines.append("refused    \(refusal.code.rawValue): \(refusal.message)\(refusal.hint.map { " \($0)" } ?? "")")
        }
        return lines
    }
}
