import ExportCore
import Files

/// A CSV file that is written row by row: RFC 4180, UTF-8.
final class CSVFile {
    private let file: OpenFile
    private var held: [UInt8] = []

    private static let block = 1 << 18

    /// Creates the file with its header.
    init(_ path: String, columns: [String]) throws {
        file = try .creating(path)
        try append(columns.map(CSVFile.cell))
    }

    /// Creates a file without a header: rows of a part, which another file takes in.
    init(rowsAt path: String) throws {
        file = try .creating(path)
    }

    /// Appends a row of cells that need no quotes or have them.
    func append(_ cells: [String]) throws {
        for (index, cell) in cells.enumerated() {
            if index > 0 { held.append(UInt8(ascii: ",")) }
            held.append(contentsOf: cell.utf8)
        }
        held.append(contentsOf: [0x0D, 0x0A])
        if held.count >= Self.block { try flush() }
    }

    /// Appends whole rows as they are.
    func append(rows bytes: some Collection<UInt8>) throws {
        held.append(contentsOf: bytes)
        if held.count >= Self.block { try flush() }
    }

    /// Completes the file.
    func finish() throws {
        try flush()
    }

    private func flush() throws {
        try file.write(held)
        held.removeAll(keepingCapacity: true)
    }

    /// A text as a cell, in quotes where it needs them.
    static func cell(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
        guard needsQuotes else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Nanoseconds as milliseconds, exactly, with six places.
    static func milliseconds(_ nanoseconds: Int64) -> String {
        decimal(nanoseconds, unit: 1_000_000, places: 6)
    }

    /// Nanoseconds as seconds, exactly, with nine places.
    static func seconds(_ nanoseconds: Int64) -> String {
        decimal(nanoseconds, unit: 1_000_000_000, places: 9)
    }

    private static func decimal(_ value: Int64, unit: UInt64, places: Int) -> String {
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: unit)
        let digits = String(rest)
        return (value < 0 ? "-" : "") + String(whole) + "." + String(repeating: "0", count: places - digits.count) + digits
    }

    /// A number, or nothing.
    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        return String(value)
    }

    /// A whole number, or nothing.
    static func number(_ value: Int?) -> String {
        value.map(String.init) ?? ""
    }
}
