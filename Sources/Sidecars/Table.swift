/// Columns of text, each as wide as its widest cell.
public struct Table: Sendable {
    private var rows: [[String]] = []

    /// A table with a line of names above it.
    public init(_ header: [String]) {
        rows.append(header)
    }

    /// Adds a line.
    public mutating func add(_ row: [String]) {
        rows.append(row.map(printable))
    }

    /// The rows as lines, two spaces between the columns.
    public var lines: [String] {
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

/// A text in which nothing but line ends and tabs controls the terminal.
public func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.properties.generalCategory == .control, scalar != "\n", scalar != "\t" {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
