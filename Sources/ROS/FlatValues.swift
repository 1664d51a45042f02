/// The values of one message, one after another in the order of its definition, without a tree around them.
///
/// Reading the next message into the same value allocates nothing.
public struct FlatValues: Sendable {
    /// What a value is.
    public enum Kind: UInt8, Sendable {
        case bool
        case integer
        case unsigned
        case float32
        case float64
        case string
        /// An array of bytes.
        case bytes
        /// Nanoseconds since the Unix epoch.
        case instant
        /// Nanoseconds.
        case duration
        /// How many elements of a list follow.
        case count
    }

    /// One value in 16 bytes.
    public struct Value: Sendable {
        /// What it is.
        public let kind: Kind
        /// A number's bits, or a place in the payload.
        let bits: UInt64

        /// A signed integer, a time or a count.
        public var integer: Int64 { Int64(bitPattern: bits) }
        /// An unsigned integer; not 0 where a truth value is true.
        public var unsigned: UInt64 { bits }
        /// A number of 4 bytes.
        public var float32: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits)) }
        /// A number of 8 bytes.
        public var float64: Double { Double(bitPattern: bits) }
        /// Where a string or an array of bytes lies in the payload.
        public var range: Range<Int> {
            let start = Int(bits >> 32)
            return start..<(start + Int(bits & 0xFFFF_FFFF))
        }
    }

    /// The values of the message that was read last.
    public internal(set) var values: [Value] = []

    /// No values yet.
    public init() {}

    mutating func append(_ kind: Kind, _ bits: UInt64) { values.append(Value(kind: kind, bits: bits)) }

    mutating func append(_ kind: Kind, _ value: Int64) { values.append(Value(kind: kind, bits: UInt64(bitPattern: value))) }

    /// - Parameter range: a place in a payload of less than 4 GB.
    mutating func append(_ kind: Kind, _ range: Range<Int>) {
        values.append(Value(kind: kind, bits: UInt64(range.lowerBound) << 32 | UInt64(range.count)))
    }
}

/// Which fields the flat values of a type's messages belong to.
public final class MessageOutline: Sendable {
    /// What there is of a field.
    public enum Content: Sendable {
        /// One value.
        case single
        /// A count, then so many values.
        case list
        /// A count, then so many messages of the type at this place in `types`.
        case messages(Int)
    }

    /// One step from a message to a field of it.
    public struct Step: Sendable {
        /// The field's name.
        public let name: String
        /// Its place in the message.
        public let index: Int
    }

    /// A field, maybe of a message within.
    public struct Entry: Sendable {
        /// The steps that lead to it.
        public let path: [Step]
        /// What there is of it.
        public let content: Content
        /// Whether it is one time stamp.
        let isInstant: Bool
    }

    /// The entries of the message itself, then those of the types that lists of messages need.
    public let types: [[Entry]]
    let operations: [[FlatReader.Operation]]

    /// Where the message's time stamp is among its values, if that is the same place in each.
    private let stampPlace: Int?

    /// As many entries as that are made of one type at most: a definition may name a type again and again.
    private static let maximumEntries = 65_536

    /// - Returns: nil where messages of this layout may leave fields out, or hold wide strings, or where there are too many fields.
    init?(_ layout: Layout) {
        guard layout.format == .ros1 || layout.format == .cdr1, !layout.definition.hasWideStrings, layout.definition.root.time == nil else {
            return nil
        }
        for (index, type) in layout.definition.types.enumerated() {
            guard layout.framing(index) == .plain, type.fields.allSatisfy({ !$0.traits.isOptional }) else { return nil }
        }
        var builder = OutlineBuilder(layout: layout, limit: Self.maximumEntries)
        guard builder.add(0) == 0, builder.limit > 0 else { return nil }
        types = builder.types
        operations = builder.operations
        stampPlace = types[0].prefix { if case .single = $0.content { true } else { false } }.firstIndex { entry in
            entry.path.map(\.name) == ["header", "stamp"] && entry.isInstant
        }
    }

    /// The time stamp in the header of the message whose values these are, in nanoseconds since the Unix epoch; nil where it is
    /// zero, or has to be looked for.
    public func stamp(in values: borrowing FlatValues) -> Int64? {
        guard let stampPlace else { return nil }
        let stamp = values.values[stampPlace].integer
        return stamp == 0 ? nil : stamp
    }
}

/// Lists the entries of a type, those of the messages in it among them, and how to read each.
private struct OutlineBuilder {
    let layout: Layout
    /// How many entries may still be made.
    var limit: Int
    var types: [[MessageOutline.Entry]] = []
    var operations: [[FlatReader.Operation]] = []
    /// Places in `types` by the place in the definition.
    var places: [Int: Int] = [:]

    init(layout: Layout, limit: Int) {
        self.layout = layout
        self.limit = limit
    }

    /// The place in `types` of a type of the definition.
    mutating func add(_ index: Int) -> Int {
        if let known = places[index] { return known }
        let place = types.count
        places[index] = place
        types.append([])
        operations.append([])
        var list = EntryList()
        add(fieldsOf: index, behind: [], to: &list)
        types[place] = list.entries
        operations[place] = list.operations
        return place
    }

    private struct EntryList {
        var entries: [MessageOutline.Entry] = []
        var operations: [FlatReader.Operation] = []
    }

    private mutating func add(fieldsOf index: Int, behind path: [MessageOutline.Step], to list: inout EntryList) {
        let type = layout.definition.types[index]
        if type.time != nil {
            return append(path, .single, .time(isInstant: type.time == .instant), to: &list)
        }
        if type.fields.isEmpty, layout.format != .ros1 { list.operations.append(.emptyMessage) }
        for (position, field) in type.fields.enumerated() where limit > 0 {
            let path = path + [MessageOutline.Step(name: field.name, index: position)]
            let fixed: Int? = if case .fixed(let count) = field.shape { count } else { nil }
            switch (field.element, field.shape == .single) {
            case (.primitive(let kind), true): append(path, .single, .primitive(kind), to: &list)
            case (.primitive(.uint8), false): append(path, .single, .bytes(fixed), to: &list)
            case (.primitive(let kind), false): append(path, .list, .primitives(kind, fixed), to: &list)
            case (.string, true), (.wideString, true): append(path, .single, .string, to: &list)
            case (.string, false), (.wideString, false): append(path, .list, .strings(fixed), to: &list)
            case (.message(let child), true): add(fieldsOf: child, behind: path, to: &list)
            case (.message(let child), false):
                if let time = layout.definition.types[child].time {
                    append(path, .list, .times(isInstant: time == .instant, fixed), to: &list)
                } else {
                    let place = add(child)
                    let size = layout.minimumSize(of: field.element)
                    append(path, .messages(place), .messages(place, fixed, minimumSize: size), to: &list)
                }
            }
        }
    }

    private mutating func append(
        _ path: [MessageOutline.Step],
        _ content: MessageOutline.Content,
        _ operation: FlatReader.Operation,
        to list: inout EntryList
    ) {
        limit -= 1
        let isInstant = if case .time(isInstant: true) = operation { true } else { false }
        list.entries.append(MessageOutline.Entry(path: path, content: content, isInstant: isInstant))
        list.operations.append(operation)
    }
}
