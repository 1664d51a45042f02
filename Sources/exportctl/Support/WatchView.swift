import ExportCore
import StatusPage

/// A snapshot of the service as lines for a terminal, none of which can control it.
struct WatchView {
    let lines: [String]

    /// - Parameter columns: how wide the terminal is.
    init(_ snapshot: ServiceSnapshot, columns: Int) {
        let health = snapshot.health
        var lines = [
            "exportd \(health.version), \(health.state), \(snapshot.running.count) running, \(snapshot.queueLength) waiting, written \(snapshot.writtenAt)"
        ]
        lines += health.problems.map { "! \($0)" }
        let width = max(16, min(40, columns / 3))
        for entry in snapshot.running {
            lines.append("")
            lines.append("\(Self.name(entry)) (\(entry.user)) \(entry.formats.joined(separator: ", "))")
            lines.append("\(Self.bar(entry.percent, width)) \(Self.plain(entry))")
        }
        if !snapshot.queue.isEmpty { lines += ["", "Waiting:"] }
        lines += snapshot.queue.prefix(20).map { entry in
            "\((entry.queuePosition ?? 0) + 1). \(Self.name(entry)) (\(entry.user)) \(entry.formats.joined(separator: ", "))"
                + (entry.priority.map { ", \($0) priority" } ?? "")
        }
        let hidden = snapshot.queueLength - min(20, snapshot.queue.count)
        if hidden > 0 { lines.append("and \(hidden) more") }
        let ended = snapshot.recent.prefix(5)
        if !ended.isEmpty { lines += ["", "Ended last:"] }
        lines += ended.map { "\(Self.name($0)) (\($0.user)) \(Self.plain($0))" }
        self.lines = lines.map(Self.harmless)
    }

    /// Where a job stands, in one line; it changes at most a hundred times while the job runs.
    static func plain(_ entry: ServiceSnapshot.Entry) -> String {
        var parts: [String] = []
        switch entry.state {
        case "processing":
            parts.append("\(Int(min(100, max(0, entry.percent)))) %")
            if entry.datasetsTotal > 0 { parts.append("\(entry.datasetsDone)/\(entry.datasetsTotal) datasets") }
            if let eta = entry.etaSeconds { parts.append(LengthOfTime.left(eta)) }
        case "pending":
            parts.append("pending")
            if let position = entry.queuePosition {
                parts.append(position == 0 ? "next in line" : "\(Wording.count(position, "job")) before it")
            }
        default:
            parts.append(entry.state)
            if let bytes = entry.bytes { parts.append(Wording.bytes(bytes)) }
            if let error = entry.error { parts.append("\(error): \(entry.message ?? "")") }
        }
        return harmless(parts.joined(separator: ", "))
    }

    private static func name(_ entry: ServiceSnapshot.Entry) -> String { entry.title ?? entry.request }

    private static func bar(_ percent: Double, _ width: Int) -> String {
        let filled = percent.isFinite ? min(width, max(0, Int(percent / 100 * Double(width)))) : 0
        return "[\(String(repeating: "#", count: filled))\(String(repeating: "-", count: width - filled))]"
    }

    /// One line without anything that moves the cursor or turns the direction of the text.
    private static func harmless(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
