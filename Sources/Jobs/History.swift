import ExportCore
import FoundationEssentials
public import Ledger
import Sidecars

/// Jobs of the past, as JSON, CSV or a table.
public struct History: Sendable {
    private let entries: [Entry]

    /// The given jobs, in their order.
    ///
    /// - Parameter outbox: The folder below which packages lie.
    public init(_ jobs: [Job], outbox: String) {
        entries = jobs.map { Entry($0, outbox: outbox) }
    }

    /// A list of objects, with every key in each.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(entries)) + [UInt8(ascii: "\n")]
    }

    /// Comma-separated values after RFC 4180, with a line of names above them.
    public func csv() -> [UInt8] {
        let columns = [
            "job", "request", "kind", "title", "user", "submitter", "state", "created_at", "started_at", "finished_at", "attempt",
            "formats",
            "datasets", "selected_bytes", "package_bytes", "place", "files", "sha256", "error", "message", "expired_at",
        ]
        var lines = [columns]
        for entry in entries {
            let status = entry.status
            let files = status.exports.compactMap(\.file)
            lines.append([
                status.job.text, status.request, status.kind ?? "", status.title ?? "", status.user, status.submitter ?? "",
                status.state.rawValue, status.createdAt, status.startedAt ?? "", status.finishedAt ?? "", String(status.attempt),
                status.exports.map(\.format).joined(separator: " "), status.selection.map { String($0.datasets) } ?? "",
                status.selection.map { String($0.bytes) } ?? "", files.isEmpty ? "" : String(entry.bytes), entry.place ?? "",
                files.joined(separator: " "), status.exports.compactMap(\.sha256).joined(separator: " "), status.error?.code.rawValue ?? "",
                status.error?.message ?? "", entry.expiredAt ?? "",
            ])
        }
        let text = lines.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
        return Array(text.utf8)
    }

    /// Lines for people.
    public func table() -> [UInt8] {
        var table = Table(["job", "request", "user", "kind", "created", "state", "formats", "size", "title"])
        for entry in entries {
            let status = entry.status
            let state = entry.expiredAt == nil ? status.state.rawValue : "expired"
            table.add([
                status.job.text, status.request, status.user, status.kind ?? "unknown", status.createdAt,
                status.error.map { "\(state): \($0.code.rawValue)" } ?? state, status.exports.map(\.format).joined(separator: ","),
                entry.bytes > 0 ? String(entry.bytes) : "-", status.title ?? "",
            ])
        }
        return Array(table.lines.map { $0 + "\n" }.joined().utf8)
    }

    /// What a spreadsheet would take for a formula gets an apostrophe in front: titles and messages hold what users wrote.
    private static func quoted(_ cell: String) -> String {
        let cell = SpreadsheetFormula.begins(cell.utf8) ? "'\(cell)" : cell
        guard cell.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    /// One job: its status, and where its packages lie.
    private struct Entry: Encodable {
        var status: StatusDocument
        /// The folder of its packages; nil where it has none, or has none any more.
        var place: String?
        var expiredAt: String?

        init(_ job: Job, outbox: String) {
            status = job.status()
            expiredAt = job.expired?.rfc3339
            let hasFiles = status.exports.contains { $0.file != nil }
            // A job that failed has packages where its reports are what made it fail.
            place = hasFiles && job.state.isTerminal && job.expired == nil ? "\(outbox)/\(job.id)" : nil
        }

        var bytes: Int64 { status.exports.reduce(0) { $0 + ($1.bytes ?? 0) } }

        enum CodingKeys: String, CodingKey {
            case place
            case expiredAt = "expired_at"
        }

        func encode(to encoder: any Encoder) throws {
            try status.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(place, forKey: .place)
            try container.encode(expiredAt, forKey: .expiredAt)
        }
    }
}
