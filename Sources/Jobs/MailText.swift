import ExportCore
import FoundationEssentials
import Sidecars

/// The e-mail that tells of a job's end, as a mail program takes it on its standard input (RFC 5322).
struct MailText {
    /// The job.
    let status: StatusDocument
    /// The sender's address.
    let from: String
    /// The recipient's address.
    let to: String
    /// The folder with the job's packages.
    let folder: String

    /// The whole message, in ASCII.
    var bytes: [UInt8] {
        let headers = [
            "From: exportd <\(from)>", "To: \(to)", "Subject: \(Self.encodedWords(subject))", "Auto-Submitted: auto-generated",
            "X-Exportd-Job: \(status.job)", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        return Array((headers + ["", Self.wrapped(Data(body.utf8).base64EncodedString()), ""]).joined(separator: "\n").utf8)
    }

    private var subject: String {
        "exportd: \(status.title ?? status.request) \(status.state.rawValue)"
    }

    private var body: String {
        var lines = ["Job      \(status.job)", "Request  \(status.request)"]
        if let title = status.title { lines.append("Title    \(title)") }
        lines.append("State    \(status.state.rawValue)")
        if let finished = status.finishedAt { lines.append("Ended    \(finished)") }
        if let error = status.error {
            lines += ["", error.message]
            if let hint = error.hint { lines.append(hint) }
        }
        if status.state == .completed {
            lines += ["", "Packages in \(folder):"]
            for export in status.exports {
                guard let file = export.file else { continue }
                lines += ["  \(file)", "    \(export.bytes ?? 0) bytes, SHA-256 \(export.sha256 ?? "")"]
            }
        }
        let shown = status.warnings.prefix(20)
        if !shown.isEmpty {
            lines += ["", "Warnings:"] + shown.map { "  \($0.message)" }
            if status.warnings.count > shown.count { lines.append("  … and \(status.warnings.count - shown.count) more.") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A header's text as encoded words of RFC 2047, each of at most 75 characters and of whole characters.
    static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            // A line end would begin another header.
            let bytes = scalar.properties.generalCategory == .control ? [UInt8(ascii: " ")] : Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\n ")
    }

    private static func wrapped(_ text: String) -> String {
        var lines: [Substring] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            lines.append(rest.prefix(76))
            rest = rest.dropFirst(76)
        }
        return lines.joined(separator: "\n")
    }
}
