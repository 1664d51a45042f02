/// Reads one field of JSON messages, stepping over everything else.
struct JSONFieldReader: Sendable {
    let path: String
    let content: FieldReader.Content
    let isCollection: Bool
    private let names: [String]

    init(_ schema: JSONSchema?, path: String) throws(ROSError) {
        self.path = path
        names = path.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard let schema else {
            (content, isCollection) = (.any, false)
            return
        }
        var form = schema.nodes[0]
        var isCollection = false
        // References may lead in a circle of arrays.
        func element() {
            for _ in 0..<JSONScanner.maximumDepth {
                guard case .array(let index) = form else { return }
                (form, isCollection) = (schema.nodes[index], true)
            }
        }
        for name in names {
            element()
            switch form {
            case .object(let members):
                guard let node = members.nodes[name] else {
                    throw ROSError.noField(name, of: "The message", path: path, fields: members.names)
                }
                form = schema.nodes[node]
            case .any: break
            default: throw ROSError(.field, "What \(name) would be a part of has no parts (in \(path)).")
            }
        }
        element()
        self.isCollection = isCollection
        content =
            switch form {
            case .any: .any
            case .number: .numbers(.float64)
            case .integer: .numbers(.int64)
            case .bool: .numbers(.bool)
            case .string: .strings
            case .base64: .bytes
            case .dateTime: .time(.instant)
            case .time(let kind): .time(kind)
            case .object, .array: .message
            }
    }

    func readNumbers(_ payload: UnsafeRawBufferPointer, into values: inout [Double]) throws(ROSError) {
        try visit(payload) { (scanner) throws(ROSError) in try readNumbers(&scanner, isElement: false, depth: 0, into: &values) }
    }

    private func readNumbers(
        _ scanner: inout JSONScanner,
        isElement: Bool,
        depth: Int,
        into values: inout [Double]
    ) throws(ROSError) {
        guard depth < JSONScanner.maximumDepth else { throw scanner.tooDeep }
        switch try scanner.kind() {
        case .number: if let number = try scanner.number().number { values.append(number) }
        case .bool: values.append(try scanner.bool() ? 1 : 0)
        case .null:
            // JSON has no number that is none: in an array it keeps the place of one.
            try scanner.null()
            if isElement { values.append(.nan) }
        case .string:
            // Protobuf's JSON writes integers of 64 bits so, and numbers that are none.
            let text = try scanner.string()
            guard let number = Double(text) else { throw mismatch("numbers") }
            values.append(number)
        case .array:
            try scanner.array { (scanner) throws(ROSError) in
                try readNumbers(&scanner, isElement: true, depth: depth + 1, into: &values)
            }
        case .object: throw mismatch("numbers")
        }
    }

    func readStrings(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> [String] {
        var strings: [String] = []
        try visit(payload) { (scanner) throws(ROSError) in
            switch try scanner.kind() {
            case .string: strings.append(try scanner.string())
            case .null: try scanner.null()
            case .array:
                try scanner.array { (scanner) throws(ROSError) in
                    guard try scanner.kind() == .string else { throw mismatch("strings") }
                    strings.append(try scanner.string())
                }
            case .object, .number, .bool: throw mismatch("strings")
            }
        }
        return strings
    }

    func readBlob(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Blob {
        guard !isCollection || content == .numbers(.int64) else { throw mismatch("a blob") }
        var blob = Blob.range(0..<0)
        try visit(payload) { (scanner) throws(ROSError) in
            switch try scanner.kind() {
            case .string: blob = .bytes(try base64(&scanner))
            case .null: try scanner.null()
            case .array:
                var bytes: [UInt8] = []
                try scanner.array { (scanner) throws(ROSError) in
                    guard try scanner.kind() == .number, case .integer(let value) = try scanner.number(), let byte = UInt8(exactly: value)
                    else { throw mismatch("a blob") }
                    bytes.append(byte)
                }
                blob = .bytes(bytes)
            case .object, .number, .bool: throw mismatch("a blob")
            }
        }
        return blob
    }

    private func base64(_ scanner: inout JSONScanner) throws(ROSError) -> [UInt8] {
        let bytes = scanner.bytes
        var behind = scanner
        let (range, hasEscapes) = try behind.stringRange()
        let decoded = hasEscapes ? Base64.decode(try scanner.string().utf8) : Base64.decode(bytes[range])
        scanner = behind
        guard let decoded else { throw mismatch("bytes in base64") }
        return decoded
    }

    func readWireRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        var range: Range<Int>?
        try visit(payload) { (scanner) throws(ROSError) in
            guard range == nil else { throw mismatch("one field") }
            _ = try scanner.kind()
            let start = scanner.offset
            try scanner.skip()
            range = start..<scanner.offset
        }
        return range ?? 0..<0
    }

    func readTime(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int64 {
        var time: Int64?
        try visit(payload) { (scanner) throws(ROSError) in
            guard time == nil else { throw mismatch("one time") }
            switch try scanner.kind() {
            case .string: time = JSONTime.rfc3339(try scanner.string())
            case .null:
                try scanner.null()
                time = 0
            case .object:
                var members: [FieldValue.Member] = []
                try scanner.object { (scanner, name) throws(ROSError) in
                    guard try scanner.kind() == .number, members.count < 2 else { throw mismatch("a time") }
                    members.append(.init(name, try scanner.number()))
                }
                time = JSONTime.pair(members)
            case .array, .number, .bool: throw mismatch("a time")
            }
            guard time != nil else { throw mismatch("a time") }
        }
        return time ?? 0
    }

    private func mismatch(_ wanted: String) -> ROSError {
        ROSError(.field, "The field \(path) does not hold \(wanted).")
    }

    /// Calls `body` at the field's value, once for each element of what it lies in.
    private func visit(
        _ payload: UnsafeRawBufferPointer,
        _ body: (inout JSONScanner) throws(ROSError) -> Void
    ) throws(ROSError) {
        var scanner = JSONScanner(payload)
        try visit(&scanner, level: 0, depth: 0, body)
        try scanner.finish()
    }

    private func visit(
        _ scanner: inout JSONScanner,
        level: Int,
        depth: Int,
        _ body: (inout JSONScanner) throws(ROSError) -> Void
    ) throws(ROSError) {
        guard depth < JSONScanner.maximumDepth else { throw scanner.tooDeep }
        guard level < names.count else { return try body(&scanner) }
        switch try scanner.kind() {
        case .object:
            // The last of several members with one name counts.
            var place: JSONScanner?
            try scanner.object { (scanner, name) throws(ROSError) in
                if name == names[level] { place = scanner }
                try scanner.skip(depth: depth + 1)
            }
            if var place { try visit(&place, level: level + 1, depth: depth + 1, body) }
        case .array:
            try scanner.array { (scanner) throws(ROSError) in try visit(&scanner, level: level, depth: depth + 1, body) }
        case .null: try scanner.null()
        case .string, .number, .bool:
            throw ROSError(.field, "The field \(names[..<level].joined(separator: ".")) has no parts (in \(path)).")
        }
    }
}
