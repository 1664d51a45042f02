import ROS

/// Reads messages of a type in every way that there is.
public struct MessageReading: Sendable {
    private let decoder: MessageDecoder
    private let readers: [FieldReader]

    /// Readers of fields along some paths; those that do not exist are left out.
    public init(_ schema: MessageSchema, paths: [String]) {
        decoder = MessageDecoder(schema)
        readers = paths.compactMap { try? FieldReader(schema, path: $0) }
    }

    /// So many fields are read of one message: each looks for its own from the message's start on.
    private static let fieldsAtOnce = 3

    /// Reads a message as a whole, and some of its fields, by its length others; only errors may come of it.
    public func read(_ message: UnsafeRawBufferPointer) {
        let value = try? decoder.decode(message)
        var numbers: [Double] = []
        for turn in 0..<min(readers.count, Self.fieldsAtOnce) {
            let reader = readers[(message.count + turn) % readers.count]
            numbers.removeAll(keepingCapacity: true)
            try? reader.readNumbers(message, into: &numbers)
            _ = try? reader.readInteger(message)
            _ = try? reader.readStrings(message)
            let time = try? reader.readTime(message)
            // What lies in one place is what the way there leads to.
            if let read = reader.timePlace?.read(message) { precondition(read == time) }
            if let range = try? reader.readWireRange(message) { precondition(range.upperBound <= message.count) }
            if let blob = try? reader.readBlob(message) { blob.withBytes(in: message) { precondition($0.count == blob.count) } }
        }
        _ = value
    }

    /// The paths to all fields of a message, each once, at most so many.
    public static func paths(in value: FieldValue, atMost limit: Int) -> [String] {
        var found: [String] = []
        collect(value, "", limit, &found)
        return found
    }

    private static func collect(_ value: FieldValue, _ path: String, _ limit: Int, _ found: inout [String]) {
        switch value {
        case .message(let members):
            for member in members {
                guard found.count < limit else { return }
                let path = path.isEmpty ? member.name : "\(path).\(member.name)"
                if !found.contains(path) { found.append(path) }
                collect(member.value, path, limit, &found)
            }
        case .list(let values):
            if let first = values.first { collect(first, path, limit, &found) }
        default: break
        }
    }
}
