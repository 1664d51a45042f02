/// Takes whole JSON messages apart.
struct JSONMessageDecoder {
    private let schema: JSONSchema?

    init(_ schema: JSONSchema?) {
        self.schema = schema
    }

    /// The message as a tree; `null` members are left out, and in arrays `null` stands for no number.
    ///
    /// Objects of seconds and nanoseconds are times, texts that the schema says are base64 bytes.
    func decode(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> FieldValue {
        try decode(payload, readingTimes: true)
    }

    /// As `decode`; without `readingTimes` objects stay objects.
    func decode(_ payload: UnsafeRawBufferPointer, readingTimes: Bool) throws(ROSError) -> FieldValue {
        var scanner = JSONScanner(payload)
        let value = try value(&scanner, node: schema == nil ? nil : 0, readingTimes: readingTimes, depth: 0)
        try scanner.finish()
        return value ?? .message([])
    }

    private func value(
        _ scanner: inout JSONScanner,
        node: Int?,
        readingTimes: Bool,
        depth: Int
    ) throws(ROSError) -> FieldValue? {
        guard depth < JSONScanner.maximumDepth else { throw scanner.tooDeep }
        let form = node.flatMap { schema?.nodes[$0] } ?? .any
        switch try scanner.kind() {
        case .null:
            try scanner.null()
            return nil
        case .bool: return .bool(try scanner.bool())
        case .number:
            let value = try scanner.number()
            // A number that happens to be whole is still one of the schema's kind.
            if form == .number, let number = value.number { return .float64(number) }
            return value
        case .string:
            let text = try scanner.string()
            guard form == .base64 else { return .string(text) }
            guard let bytes = Base64.decode(text.utf8) else { throw scanner.failure("a text is not base64 although its schema says so") }
            return .bytes(bytes)
        case .array:
            let element: Int? = if case .array(let element) = form { element } else { nil }
            var values: [FieldValue] = []
            try scanner.array { (scanner) throws(ROSError) in
                let value = try value(&scanner, node: element, readingTimes: readingTimes, depth: depth + 1)
                values.append(value ?? .float64(.nan))
            }
            return .list(values)
        case .object:
            var members: [FieldValue.Member] = []
            var places: [String: Int] = [:]
            try scanner.object { (scanner, name) throws(ROSError) in
                let child: Int? = if case .object(let known) = form { known.nodes[name] } else { nil }
                let value = try value(&scanner, node: child, readingTimes: readingTimes, depth: depth + 1)
                // The last of several members with one name counts, as for most readers.
                if let place = places[name] {
                    if let value { members[place] = .init(name, value) }
                } else if let value {
                    places[name] = members.count
                    members.append(.init(name, value))
                }
            }
            if readingTimes, let nanoseconds = JSONTime.pair(members) {
                return form == .time(.duration) ? .duration(nanoseconds) : .time(nanoseconds)
            }
            return .message(members)
        }
    }
}
