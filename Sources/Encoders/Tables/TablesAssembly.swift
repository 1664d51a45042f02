import Encoding
import ExportCore
import Fields
import Files
import Formats
import Plans

/// Makes the tables of an export from those of its parts: headers united, rows in the order of the datasets.
struct TablesAssembly {
    /// The most columns of a table over all datasets.
    private static let maximumColumns = 65_536

    let options: TableOptions
    let context: AssemblyContext

    func assemble(_ parts: [FinishedPart<TablesEncoder.Detail>]) throws {
        var members: [TableName: [(folder: String, table: PartTable)]] = [:]
        for part in parts {
            for table in part.detail.tables { members[table.name, default: []].append((part.folder, table)) }
        }
        var names: [TableName] = [.datasets, .segments]
        if options.contents.hasSamples { names.append(.samples) }
        let topics = members.keys.compactMap { name in if case .messages(let topic) = name { topic } else { nil } }
        let sorted = topics.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if !topics.isEmpty { try FileSystem.makeDirectories("\(context.folder)/messages") }
        names += sorted.map { TableName.messages(topic: $0) }
        let files = TableFiles(topics: sorted, dialect: options.dialect)
        var package = DataPackage(dialect: options.dialect)
        for name in names {
            let tables = members[name] ?? []
            let columns = UnitedColumns(tables.map(\.table.columns), dialect: options.dialect)
            guard columns.headers.count <= Self.maximumColumns else {
                throw ExportError(
                    .optionUnsupported,
                    "The table \(files.path(of: name)) would have \(columns.headers.count) columns over all datasets; at most \(Self.maximumColumns) are written.",
                    hint: "Ask for fewer datasets or a smaller array_columns."
                )
            }
            let path = files.path(of: name)
            var output = try TableOutput(
                "\(context.folder)/\(path)",
                headers: columns.headers,
                dialect: options.dialect,
                isLines: name.isLines
            )
            for (folder, table) in tables {
                try output.append("\(folder)/\(table.file)", of: table, at: columns.positions(of: table.columns), context.cancellation)
            }
            try output.finish()
            package.add(name, type: tables.first?.table.type ?? "", path: path, headers: columns.headers)
        }
        try FileSystem.writeAtomically("\(context.folder)/schema.json", Array((package.document.json + "\n").utf8))
    }
}

extension TableName {
    /// Whether a JSON file of it has a row on each line, and not one array of all.
    var isLines: Bool {
        switch self {
        case .datasets, .segments: false
        case .samples, .messages: true
        }
    }
}

/// The files of an export's tables.
struct TableFiles {
    private let dialect: TableDialect
    private var names: [String: String] = [:]

    /// - Parameter topics: those that have a table, in order.
    init(topics: [String], dialect: TableDialect) {
        self.dialect = dialect
        var taken: Set<String> = []
        for topic in topics {
            let plain = Self.plainName(topic)
            var name = plain
            var number = 2
            // File systems may take names for the same that differ in case only.
            while !taken.insert(name.lowercased()).inserted {
                name = "\(plain)-\(number)"
                number += 1
            }
            names[topic] = name
        }
    }

    /// The path in the package.
    func path(of table: TableName) -> String {
        let ending = dialect.isJSON ? (table.isLines ? "jsonl" : "json") : "csv"
        return switch table {
        case .datasets: "datasets.\(ending)"
        case .segments: "segments.\(ending)"
        case .samples: "samples.\(ending)"
        case .messages(let topic): "messages/\(names[topic] ?? Self.plainName(topic)).\(ending)"
        }
    }

    /// The topic without its leading slash, `__` for each other; letters that file systems disagree about are `_`.
    private static func plainName(_ topic: String) -> String {
        var name: [UInt8] = []
        for byte in topic.utf8.drop(while: { $0 == UInt8(ascii: "/") }) {
            switch byte {
            case UInt8(ascii: "/"): name += [UInt8(ascii: "_"), UInt8(ascii: "_")]
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                name.append(byte)
            case UInt8(ascii: ".") where !name.isEmpty: name.append(byte)
            default: name.append(UInt8(ascii: "_"))
            }
        }
        return name.isEmpty ? "topic" : String(decoding: name.prefix(200), as: UTF8.self)
    }
}
