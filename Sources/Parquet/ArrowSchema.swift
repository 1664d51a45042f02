/// The columns of a table as Arrow knows them, for readers that want what Parquet itself cannot say: lists of a fixed length.
///
/// It stands in the file's metadata under `metadataKey`, as the base64 of an encapsulated Arrow IPC message (Arrow columnar format,
/// "Serialization and Interprocess Communication"; `Message.fbs`, `Schema.fbs`).
public struct ArrowSchema: Hashable, Sendable {
    /// The type of a column.
    public indirect enum ColumnType: Hashable, Sendable {
        case float
        case double
        case int64
        case binary
        case string
        /// A list of so many values, all of one type.
        case fixedList(of: ColumnType, count: Int32)
        /// A structure of named columns.
        case structure([Column])
    }

    /// A column and its name.
    public struct Column: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Its type.
        public let type: ColumnType

        /// A column that may hold nulls.
        public init(_ name: String, _ type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    /// A text for readers, which the file's own metadata hold too.
    public struct Entry: Hashable, Sendable {
        /// Its name.
        public let key: String
        /// The text.
        public let value: String

        /// A text under a name.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    private let columns: [Column]
    private let metadata: [Entry]

    /// The schema of columns, in the order of the table's own.
    ///
    /// - Parameter metadata: what readers are to see as the table's metadata; those of the file are not looked at where there is an
    ///   Arrow schema.
    public init(_ columns: [Column], metadata: [Entry]) {
        self.columns = columns
        self.metadata = metadata
    }

    /// Under which readers look for it.
    public static let metadataKey = "ARROW:schema"

    /// The encapsulated message, which the file's metadata hold as base64.
    public var encoded: [UInt8] {
        // A message in a file is what follows this mark and its own length.
        let message = self.message
        var bytes = [UInt8](repeating: 0xFF, count: 4)
        withUnsafeBytes(of: UInt32(message.count).littleEndian) { bytes += $0 }
        return bytes + message
    }

    /// The message, of a multiple of eight bytes.
    private var message: [UInt8] {
        var buffer = FlatBuffer()
        // Message: version (4 is V5), kind of header (1 is a schema), header.
        let header = buffer.appendTable([.short(4), .byte(1), .reference], from: FlatBuffer.root)
        // Schema: byte order (little-endian is the default), fields, metadata.
        let schema = buffer.appendTable([.absent, .reference, .reference], from: header[0])
        Self.append(columns, to: &buffer, from: schema[0])
        for (entry, place) in zip(metadata, buffer.appendReferences(metadata.count, from: schema[1])) {
            let texts = buffer.appendTable([.reference, .reference], from: place)
            buffer.append(entry.key, from: texts[0])
            buffer.append(entry.value, from: texts[1])
        }
        return buffer.bytes + [UInt8](repeating: 0, count: (8 - buffer.bytes.count % 8) % 8)
    }

    private static func append(_ columns: [Column], to buffer: inout FlatBuffer, from reference: Int) {
        let places = buffer.appendReferences(columns.count, from: reference)
        for (column, place) in zip(columns, places) {
            let type = description(of: column.type)
            // Field: name, nullable, kind of type, type, dictionary, children.
            let inner = buffer.appendTable([.reference, .byte(1), .byte(type.kind), .reference, .absent, .reference], from: place)
            buffer.append(column.name, from: inner[0])
            _ = buffer.appendTable(type.properties, from: inner[1])
            append(type.children, to: &buffer, from: inner[2])
        }
    }

    /// The number of a type in the union `Type`, its table and the columns inside it.
    private static func description(of type: ColumnType) -> (kind: UInt8, properties: [FlatBuffer.Slot], children: [Column]) {
        switch type {
        case .int64: (2, [.int(64), .byte(1)], [])
        case .float: (3, [.short(1)], [])
        case .double: (3, [.short(2)], [])
        case .binary: (4, [], [])
        case .string: (5, [], [])
        case .structure(let columns): (13, [], columns)
        case .fixedList(let element, let count): (16, [.int(count)], [Column("item", element)])
        }
    }
}
