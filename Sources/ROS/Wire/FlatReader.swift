/// Reads a message's values one after another, as its outline lists them.
struct FlatReader {
    /// How to read what one entry of an outline stands for; counts are those that the definition fixes.
    enum Operation: Sendable {
        case primitive(MessageDefinition.Primitive)
        case string
        case time(isInstant: Bool)
        case bytes(Int?)
        case primitives(MessageDefinition.Primitive, Int?)
        case strings(Int?)
        case times(isInstant: Bool, Int?)
        /// Messages of the type at this place in the outline.
        case messages(Int, Int?, minimumSize: Int)
        /// The byte that stands for a message without fields; no entry belongs to it.
        case emptyMessage
    }

    private var cursor: WireCursor
    private let outline: MessageOutline
    private let dialect: MessageDefinition.Dialect
    private let maximumMessages: Int
    /// How many messages may still be read: ROS 1 lets arrays of empty ones claim any number without a byte.
    private var budget: Int

    /// - Parameters:
    ///   - cursor: where the message's first field is.
    ///   - maximumMessages: the most messages of a list.
    init(_ cursor: WireCursor, _ outline: MessageOutline, dialect: MessageDefinition.Dialect, maximumMessages: Int) {
        self.cursor = cursor
        self.outline = outline
        self.dialect = dialect
        self.maximumMessages = maximumMessages
        budget = 65_536 + 4 * cursor.bytes.count
    }

    /// Reads the whole message.
    ///
    /// - Returns: false where a list has too many messages, or the bytes don't end where the message does.
    /// - Throws: `ROSError` of kind `payload` where the bytes do not hold the message.
    mutating func read(into values: inout FlatValues) throws(ROSError) -> Bool {
        guard try read(0, into: &values) else { return false }
        // CDR is padded to a multiple of four.
        return cursor.remaining <= (dialect == .ros1 ? 0 : 3)
    }

    private mutating func read(_ type: Int, into values: inout FlatValues) throws(ROSError) -> Bool {
        let operations = outline.operations[type]
        for index in operations.indices {
            switch operations[index] {
            case .primitive(let kind): try read(kind, into: &values)
            case .string: values.append(.string, try cursor.stringRange())
            case .time(let isInstant): try readTime(isInstant, into: &values)
            case .bytes(let fixed):
                let count = try cursor.elements(fixed, minimumSize: 1)
                let start = cursor.offset
                try cursor.skip(count)
                values.append(.bytes, start..<start + count)
            case .primitives(let kind, let fixed):
                let count = try readCount(fixed, minimumSize: kind.size, into: &values)
                for _ in 0..<count { try read(kind, into: &values) }
            case .strings(let fixed):
                let count = try readCount(fixed, minimumSize: 4, into: &values)
                for _ in 0..<count { values.append(.string, try cursor.stringRange()) }
            case .times(let isInstant, let fixed):
                let count = try readCount(fixed, minimumSize: 8, into: &values)
                for _ in 0..<count { try readTime(isInstant, into: &values) }
            case .messages(let type, let fixed, let size):
                let count = try readCount(fixed, minimumSize: size, into: &values)
                guard count <= maximumMessages, count <= budget else { return false }
                budget -= count
                for _ in 0..<count { guard try read(type, into: &values) else { return false } }
            case .emptyMessage: try cursor.skip(1)
            }
        }
        return true
    }

    private mutating func readCount(_ fixed: Int?, minimumSize: Int, into values: inout FlatValues) throws(ROSError) -> Int {
        let count = try cursor.elements(fixed, minimumSize: minimumSize)
        values.append(.count, Int64(count))
        return count
    }

    @inline(__always)
    private mutating func readTime(_ isInstant: Bool, into values: inout FlatValues) throws(ROSError) {
        values.append(isInstant ? .instant : .duration, try cursor.time(dialect: dialect, isInstant: isInstant))
    }

    @inline(__always)
    private mutating func read(_ kind: MessageDefinition.Primitive, into values: inout FlatValues) throws(ROSError) {
        switch kind {
        case .float64: values.append(.float64, try cursor.load(UInt64.self))
        case .float32: values.append(.float32, UInt64(try cursor.load(UInt32.self)))
        case .bool: values.append(.bool, UInt64(try cursor.load(UInt8.self)))
        case .int8: values.append(.integer, Int64(try cursor.load(Int8.self)))
        case .uint8: values.append(.unsigned, UInt64(try cursor.load(UInt8.self)))
        case .int16: values.append(.integer, Int64(try cursor.load(Int16.self)))
        case .uint16: values.append(.unsigned, UInt64(try cursor.load(UInt16.self)))
        case .int32: values.append(.integer, Int64(try cursor.load(Int32.self)))
        case .uint32: values.append(.unsigned, UInt64(try cursor.load(UInt32.self)))
        case .int64: values.append(.integer, try cursor.load(Int64.self))
        case .uint64: values.append(.unsigned, try cursor.load(UInt64.self))
        }
    }
}
