import ArgumentParser
import ExportCore
import Sidecars

/// What a job has come to, for people.
enum JobReport {
    /// The lines of a report.
    static func lines(_ status: StatusDocument) -> [String] {
        var lines = ["job        \(status.job)", "request    \(status.request)"]
        if let title = status.title { lines.append("title      \(title)") }
        lines.append("kind       \(status.kind ?? "unknown")")
        lines.append("user       \(status.user) (\(status.role))")
        if let submitter = status.submitter { lines.append("submitter  \(submitter)") }
        let place = ProgressDisplay.text(status.progress, state: status.state, queuePosition: status.queuePosition)
        lines.append("state      \(status.state.rawValue)\(place == status.state.rawValue ? "" : ", \(place)")")
        lines.append("created    \(status.createdAt)")
        if let started = status.startedAt { lines.append("started    \(started)") }
        if let finished = status.finishedAt { lines.append("finished   \(finished)") }
        if let selection = status.selection {
            let parts = [
                Wording.count(selection.datasets, "dataset"), Wording.count(selection.segments, "segment"), Wording.bytes(selection.bytes),
            ]
            lines.append("selection  \(parts.joined(separator: ", "))")
        }
        // What a preview says of its exports comes with the preview.
        for export in status.exports where status.preview == nil {
            var parts = [export.format, export.state.rawValue]
            if let episodes = export.episodes { parts.append(Wording.count(episodes, "episode")) }
            if let frames = export.frames { parts.append(Wording.count(frames, "frame")) }
            if let bytes = export.bytes { parts.append(Wording.bytes(bytes)) }
            if let file = export.file { parts.append(file) }
            lines.append("export     \(parts.joined(separator: ", "))")
            if let sha256 = export.sha256 { lines.append("           sha256 \(sha256)") }
        }
        if let preview = status.preview { lines += PreviewText.lines(preview) }
        if let quota = status.quota, quota.limit != nil || quota.bytes.limit != nil {
            var parts = ["\(quota.used) used and \(quota.reserved) reserved"]
            if let limit = quota.limit { parts[0] += " of \(limit) exports" }
            if let limit = quota.bytes.limit { parts.append("\(Wording.bytes(quota.bytes.used)) of \(Wording.bytes(limit))") }
            if let reset = quota.resetsAt { parts.append("until \(reset)") }
            lines.append("quota      \(quota.scope): \(parts.joined(separator: ", "))")
        }
        for warning in status.warnings {
            lines.append("warning    \(warning.dataset.map { "\($0): " } ?? "")\(warning.message)")
        }
        if let error = status.error {
            lines.append("error      \(error.code.rawValue): \(error)")
            if error.details.count > 1 { lines += error.details.map { "           \(Output.problem($0))" } }
        }
        return lines
    }

    /// Prints a job that has ended and exits with its code, unless it has completed.
    static func printEnd(_ status: StatusDocument, json: Bool) throws {
        if json {
            Output.raw(try status.json())
        } else {
            for line in lines(status) { Output.line(line) }
        }
        switch status.state {
        case .completed, .pending, .processing: return
        case .failed: throw ExitCode(status.error.map { ExitStatus.code(for: $0.code) } ?? ExitStatus.failed)
        case .cancelled: throw ExitCode(ExitStatus.failed)
        }
    }
}
