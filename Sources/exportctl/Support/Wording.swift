import ExportCore

/// Quantities as people read them.
enum Wording {
    /// A size, such as `1.2 GiB`.
    static func bytes(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if abs(value) < 1_024 { return unit == "B" ? "\(bytes) B" : "\(oneDecimal(value)) \(unit)" }
            value /= 1_024
        }
        return "\(oneDecimal(value)) PiB"
    }

    /// A number with one decimal.
    static func oneDecimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return String(value) }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// A time in seconds, such as `3 m 20 s`.
    static func seconds(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(seconds, 0)) s"
        case ..<3_600: "\(seconds / 60) m \(seconds % 60) s"
        default: "\(seconds / 3_600) h \(seconds / 60 % 60) m"
        }
    }

    /// A count with its noun.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

/// Columns of text, each as wide as its widest cell.
struct Table {
    private var rows: [[String]] = []

    init(_ header: [String]) {
        rows.append(header)
    }

    mutating func add(_ row: [String]) {
        rows.append(row.map(Output.printable))
    }

    /// The rows as lines, two spaces between the columns.
    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) { line += cell + String(repeating: " ", count: width - cell.count + 2) }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
