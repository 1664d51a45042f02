import ExportCore
import Files
import Plans

/// Compares the `align_result.csv` that a recording came with to its messages.
///
/// The file has a row for each frame of the main camera; its first cell is a number of the row, each other one names a
/// picture of one stream, `{frame}_{nanoseconds}.ext`, or holds the nanoseconds alone. A header is optional, and which column
/// belongs to which stream is found by whose messages have the times in it.
struct AlignResultCheck {
    static let fileName = "align_result.csv"
    private static let mostBytes = 256 << 20
    private static let mostColumns = 256

    let dataset: PlannedDataset
    let cancellation: Cancellation

    /// Sentences on what the file says; none where there is no such file.
    func notes(reference: (name: String, times: [Int64]), streams: [(name: String, times: [Int64])]) throws -> [String] {
        guard let file = dataset.files.first(where: { FileSystem.name(of: $0.path) == Self.fileName }) else { return [] }
        guard file.bytes <= Self.mostBytes else { return ["\(Self.fileName) is larger than 256 MiB and is not compared."] }
        let table: AlignResultTable
        do throws(FileError) {
            table = try AlignResultTable(try read("\(dataset.store)/\(file.path)"))
        } catch {
            return ["\(Self.fileName) cannot be read: \(error)"]
        }
        guard table.columns.contains(where: { !$0.isEmpty }) else { return ["\(Self.fileName) names no times, so it is not compared."] }
        var notes: [String] = []
        if table.rows != reference.times.count {
            notes.append("\(Self.fileName) has \(table.rows) rows, and \(reference.name) \(reference.times.count) frames.")
        }
        for (number, cells) in table.columns.enumerated() where !cells.isEmpty {
            try cancellation.check()
            notes += note(on: cells, column: number + 2, reference, streams).map { [$0] } ?? []
        }
        return notes.isEmpty
            ? ["\(Self.fileName) agrees with the data: \(table.rows) rows, \(table.columns.count { !$0.isEmpty }) streams."] : notes
    }

    private func read(_ path: String) throws(FileError) -> [UInt8] {
        let file = try OpenFile.reading(path, nofollow: true)
        guard try file.status().kind == .regular else { return [] }
        return try file.read(upTo: Self.mostBytes)
    }

    /// What is wrong with a column; nil where nothing is.
    private func note(
        on cells: [AlignResultTable.TimedCell],
        column: Int,
        _ reference: (name: String, times: [Int64]),
        _ streams: [(name: String, times: [Int64])]
    ) -> String? {
        let scored = streams.map { stream in (stream, cells.count { Self.holds(stream.times, $0.time) }) }
        // Of several the first by name: streams that share their times can't be told apart, and say the same.
        guard let best = scored.max(by: { ($0.1, $1.0.name) < ($1.1, $0.0.name) }), best.1 > 0 else {
            return "\(Self.fileName), column \(column): none of its \(cells.count) times is that of a message."
        }
        let (stream, known) = best
        var farther = 0
        for cell in cells where cell.row < reference.times.count && Self.holds(stream.times, cell.time) {
            let frame = reference.times[cell.row]
            if let nearest = Self.nearest(stream.times, frame), Self.distance(nearest, frame) < Self.distance(cell.time, frame) {
                farther += 1
            }
        }
        var faults: [String] = []
        if known < cells.count { faults.append("\(cells.count - known) of \(cells.count) times are those of no message") }
        if farther > 0 { faults.append("for \(farther) rows another message lies nearer") }
        return faults.isEmpty ? nil : "\(Self.fileName), column \(column) (\(stream.name)): " + faults.joined(separator: ", and ") + "."
    }

    private static func holds(_ times: [Int64], _ time: Int64) -> Bool {
        let position = insertion(of: time, in: times)
        return position < times.count && times[position] == time
    }

    private static func nearest(_ times: [Int64], _ time: Int64) -> Int64? {
        let position = insertion(of: time, in: times)
        let around = [position - 1, position].filter(times.indices.contains).map { times[$0] }
        return around.min { distance($0, time) < distance($1, time) }
    }

    private static func distance(_ left: Int64, _ right: Int64) -> UInt64 {
        let (difference, overflow) = max(left, right).subtractingReportingOverflow(min(left, right))
        return overflow ? .max : UInt64(difference)
    }

    /// The first position whose time is not before an instant.
    private static func insertion(of time: Int64, in times: [Int64]) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = low + (high - low) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The times of the file, column by column.
    private struct AlignResultTable {
        struct TimedCell {
            var row: Int
            var time: Int64
        }

        private(set) var rows = 0
        /// The cells that hold times, for each column but the first.
        private(set) var columns: [[TimedCell]] = []

        init(_ bytes: [UInt8]) throws(FileError) {
            for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
                let cells = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).dropFirst().prefix(mostColumns)
                let times = cells.map { Self.time($0) }
                // A header names columns and no times.
                if rows == 0, columns.isEmpty, times.allSatisfy({ $0 == nil }), cells.contains(where: { !$0.isEmpty }) {
                    columns = Array(repeating: [], count: times.count)
                    continue
                }
                while columns.count < times.count { columns.append([]) }
                for (column, time) in times.enumerated() {
                    if let time { columns[column].append(TimedCell(row: rows, time: time)) }
                }
                rows += 1
            }
        }

        /// The nanoseconds of a cell: the last number of 16 to 19 digits in it.
        private static func time(_ cell: ArraySlice<UInt8>) -> Int64? {
            cell.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                .last { (16...19).contains($0.count) }
                .flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
        }
    }
}
