import Encoding
import ExportCore
import Files
import Plans

/// `alignment.csv`: the rows of all parts under the columns of all topics.
struct AlignmentTable {
    static let partFile = "alignment.rows"

    let context: AssemblyContext

    /// The cells of a row before those of the topics.
    private static let ownColumns = ["dataset", "frame", "reference_ns"]

    func write(_ parts: [(folder: String, dataset: DatasetID, topics: [String])]) throws {
        let topics = Set(parts.flatMap(\.topics)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let columns = Self.ownColumns + topics.flatMap { ["\($0) time_ns", "\($0) offset_ms"] }
        let table = try CSVFile("\(context.folder)/alignment.csv", columns: columns)
        for part in parts {
            try context.cancellation.check()
            // Where each topic's cells stand in the part's rows; nil for topics that its recording lacks.
            let own = Dictionary(uniqueKeysWithValues: part.topics.enumerated().map { ($1, $0) })
            let places = topics.map { own[$0] }
            try copy(
                part.folder,
                named: CSVFile.cell(part.dataset.text),
                places,
                own: part.topics.count,
                isSame: part.topics == topics,
                to: table
            )
        }
        try table.finish()
    }

    private func copy(_ folder: String, named dataset: String, _ places: [Int?], own: Int, isSame: Bool, to table: CSVFile) throws {
        let file = try OpenFile.reading("\(folder)/\(Self.partFile)")
        var rest: [UInt8] = []
        while true {
            try context.cancellation.check()
            let block = try file.read(upTo: 1 << 18)
            if block.isEmpty { break }
            if isSame {
                try table.append(rows: block)
                continue
            }
            rest += block
            // Rows hold numbers but for the name at their beginning, whose length is known: line ends in it are no row's.
            let prefix = dataset.utf8.count + 1
            var start = 0
            while start + prefix < rest.count, let end = rest[(start + prefix)...].firstIndex(of: 0x0A) {
                let cells = rest[(start + prefix)..<(end - 1)].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                guard cells.count == 2 + 2 * own else {
                    throw ExportError(.internal, "A part of \(folder) is damaged.", hint: "Retry the job.")
                }
                var row = [dataset, cells[0], cells[1]]
                for place in places {
                    if let place { row += cells[(2 + 2 * place)..<(4 + 2 * place)] } else { row += ["", ""] }
                }
                try table.append(row)
                start = end + 1
            }
            rest.removeFirst(start)
        }
    }
}
