import Recordings

/// A summary as people read it.
struct SummaryText {
    let summary: RecordingSummary

    /// Writes the lines.
    func write(to output: TextOutput) throws {
        try fact("file", "\(summary.file), \(Quantities.bytes(UInt64(summary.bytes)))")
        try fact("format", summary.format.name)
        try fact("profile", summary.profile.isEmpty ? "none" : summary.profile)
        if let library = summary.library { try fact("library", library.isEmpty ? "unknown" : library) }
        try fact("messages", Quantities.count(summary.messages))
        if let start = summary.startNs, let end = summary.endNs {
            try fact("duration", Quantities.duration(summary.durationNs.flatMap { UInt64($0) } ?? 0))
            try fact("start", instant(start, summary.startTime))
            try fact("end", instant(end, summary.endTime))
        }
        if let isIndexed = summary.isIndexed { try fact("index", isIndexed ? "complete" : "missing or incomplete; the file was searched") }
        if let chunks = summary.chunks { try write(chunks, fact) }
        if let volumes = summary.volumes, volumes.count > 1 {
            try output.line()
            for line in table(of: volumes) { try output.line(line) }
        }
        if !summary.topics.isEmpty {
            try output.line()
            for line in topics() { try output.line(line) }
        }
        if !summary.attachments.isEmpty {
            try output.line()
            for line in attachments() { try output.line(line) }
        }
        for metadata in summary.metadata {
            try output.line()
            try output.line("metadata “\(metadata.name)”")
            for (key, value) in (metadata.values ?? [:]).sorted(by: { $0.key < $1.key }) {
                for line in Self.lines(key, value) { try output.line("  \(line)") }
            }
        }
        try output.line()
        try writeProblems(output)

        func fact(_ name: String, _ value: String) throws {
            try output.line(name + String(repeating: " ", count: max(1, 13 - name.count)) + value)
        }
    }

    private func instant(_ nanoseconds: String, _ text: String?) -> String {
        text.map { "\($0) (\(nanoseconds))" } ?? "\(nanoseconds) ns"
    }

    private func write(_ chunks: RecordingSummary.Chunks, _ fact: (String, String) throws -> Void) throws {
        guard chunks.count > 0 else { return try fact("chunks", "none") }
        let overlap =
            switch (chunks.count, chunks.overlapping) {
            case (1, _): ""
            case (_, 1): ", none overlap in time"
            default: ", up to \(chunks.overlapping) at the same time"
            }
        let unreadable = chunks.unreadable > 0 ? ", \(Quantities.count(UInt64(chunks.unreadable))) unreadable" : ""
        try fact(
            "chunks",
            "\(Quantities.count(UInt64(chunks.count))), the largest of \(Quantities.bytes(chunks.largestBytes))\(overlap)\(unreadable)"
        )
        for compression in chunks.compression {
            let count = Quantities.count(compression.chunks, "chunk")
            if compression.name.isEmpty {
                try fact("compression", "none: \(count), \(Quantities.bytes(compression.bytes))")
            } else {
                let share =
                    compression.uncompressedBytes > 0 ? Double(compression.bytes) / Double(compression.uncompressedBytes) * 100 : 100
                try fact(
                    "compression",
                    "\(compression.name): \(count), \(Quantities.bytes(compression.bytes)) of \(Quantities.bytes(compression.uncompressedBytes))"
                        + " (\(Quantities.decimal(share, places: 1)) %)"
                )
            }
        }
    }

    private func table(of volumes: [RecordingSummary.Volume]) -> [String] {
        var table = Columns(["volume", "format", "messages", "size", "start"], right: [2, 3])
        for volume in volumes {
            table.rows.append([
                volume.file, volume.format.name, Quantities.count(volume.messages),
                Quantities.bytes(UInt64(volume.bytes)), volume.startNs.flatMap { UInt64($0) }.flatMap(Quantities.instant) ?? "-",
            ])
        }
        return table.lines
    }

    private func topics() -> [String] {
        var table = Columns(["topic", "type", "encoding", "messages", "rate"], right: [3, 4, 5, 6])
        table.header += summary.isVerified ? ["longest gap", "data"] : ["longest gap"]
        for topic in summary.topics {
            var row = [
                topic.name, topic.type.isEmpty ? "-" : topic.type,
                [topic.messageEncoding, topic.schemaEncoding].filter { !$0.isEmpty }.joined(separator: " "),
                Quantities.count(topic.messages), topic.rateHz.map(Self.rate) ?? "-",
                topic.largestGapNs.flatMap { UInt64($0) }.map(Quantities.duration) ?? "-",
            ]
            if let bytes = topic.bytes { row.append(Quantities.bytes(bytes)) }
            table.rows.append(row)
        }
        return table.lines
    }

    /// Three digits that count: 1,234 Hz, 30.0 Hz, 0.013 Hz.
    private static func rate(_ hertz: Double) -> String {
        switch hertz {
        case 100...: "\(Quantities.count(UInt64(min(hertz.rounded(), 1e18)))) Hz"
        case 10..<100: "\(Quantities.decimal((hertz * 10).rounded() / 10 + 1e-9, places: 1)) Hz"
        case 0.1..<10: "\(Quantities.decimal((hertz * 100).rounded() / 100 + 1e-9, places: 2)) Hz"
        default: "\(Quantities.decimal(hertz, places: 4)) Hz"
        }
    }

    private func attachments() -> [String] {
        var table = Columns(["attachment", "media type", "size", "log time"], right: [2])
        for attachment in summary.attachments {
            let time = UInt64(attachment.logTimeNs).flatMap(Quantities.instant) ?? attachment.logTimeNs
            table.rows.append([
                attachment.name, attachment.mediaType.isEmpty ? "-" : attachment.mediaType, Quantities.bytes(UInt64(attachment.bytes)),
                time,
            ])
        }
        return table.lines
    }

    /// A text of metadata; rosbag2 puts a whole YAML file into one, of which the beginning must do.
    private static func lines(_ key: String, _ value: String) -> [String] {
        let lines = value.split(omittingEmptySubsequences: false) { $0.isNewline }.map { (line: Substring) -> String in
            line.count > longestLine ? line.prefix(longestLine) + "…" : String(line)
        }
        guard lines.count > 1 else { return ["\(key): \(lines.first ?? "")"] }
        var result = ["\(key):"] + lines.prefix(mostLines).map { "  \($0)" }
        if lines.count > mostLines { result.append("  … \(lines.count - mostLines) more lines, which --json shows") }
        return result
    }

    private static let mostLines = 8
    private static let longestLine = 160

    private func writeProblems(_ output: TextOutput) throws {
        let canBeVerified = summary.format == .mcap && summary.volumes == nil
        guard !summary.problems.isEmpty else {
            if summary.isVerified {
                return try output.line("No problems: every message was read, and all checksums and indexes are right.")
            }
            return try output.line(
                "No problems seen." + (canBeVerified ? " --verify reads every message and checks all checksums and indexes." : "")
            )
        }
        try output.line("\(Quantities.count(UInt64(summary.problems.count), "problem")):")
        for problem in summary.problems { try output.line("  \(problem.message)") }
        if canBeVerified, !summary.isVerified {
            try output.line("There may be more: --verify reads every message and checks all checksums and indexes.")
        }
    }
}

/// Columns of text, each as wide as its widest cell.
struct Columns {
    var header: [String]
    var rows: [[String]] = []
    /// The columns that are aligned on the right.
    private let right: Set<Int>

    init(_ header: [String], right: Set<Int>) {
        self.header = header
        self.right = right
    }

    /// The header and the rows as lines, two spaces between the columns.
    var lines: [String] {
        let all = [header] + rows.map { $0.map(TextOutput.printable) }
        let widths = header.indices.map { column in all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if column > 0 { line += "  " }
                line += right.contains(column) ? padding + cell : cell + padding
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
