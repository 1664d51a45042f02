import MCAP

/// One JSON object for a whole file, by which any two readers can be compared; written record by record.
///
/// Each record is `{"type":T,"fields":[[name,value],…]}` with the fields in the order of their names, numbers as strings of
/// digits, bytes as lists of such, and maps as objects.
struct RecordJSON {
    private let output: TextOutput

    init(_ output: TextOutput) {
        self.output = output
    }

    /// All records in the order of the file, those of chunks in their place.
    func writeRecords(of file: MCAPFile) throws {
        try output.add(#"{"records":["#)
        var isFirst = true
        try file.forEachRecord { fields, content in try write(fields, content, &isFirst) }
        try output.add("]}\n")
    }

    /// Schemas and channels by their ids, messages by log time, and statistics.
    func writeIndexed(of file: MCAPFile) throws {
        try output.add(#"{"schemas":["#)
        var isFirst = true
        for schema in file.schemas.values.sorted(by: { $0.id < $1.id }) {
            try write(RecordFields(schema), schema.data.span.bytes, &isFirst)
        }
        try output.add(#"],"channels":["#)
        isFirst = true
        for channel in file.channels.values.sorted(by: { $0.id < $1.id }) { try write(RecordFields(channel), RawSpan(), &isFirst) }
        try output.add(#"],"messages":["#)
        isFirst = true
        try file.forEachInLogOrder(ofChannels: nil) { _, head, data in
            try write(RecordFields(head, dataSize: data.byteCount), data, &isFirst)
        }
        try output.add(#"],"statistics":["#)
        isFirst = true
        if let statistics = file.statistics { try write(statistics, RawSpan(), &isFirst) }
        try output.add("]}\n")
    }

    private func write(_ record: RecordFields, _ content: RawSpan, _ isFirst: inout Bool) throws {
        try output.add(isFirst ? #"{"type":""# : ",\n{\"type\":\"")
        isFirst = false
        try output.add(record.type)
        try output.add(#"","fields":["#)
        for (place, field) in record.fields.enumerated() {
            try output.add(place == 0 ? "[" : ",[")
            try output.json(field.name)
            try output.add(UInt8(ascii: ","))
            try write(field.value, content)
            try output.add(UInt8(ascii: "]"))
        }
        try output.add("]}")
    }

    private func write(_ value: RecordFields.Value, _ content: RawSpan) throws {
        switch value {
        case .number(let number): try output.add("\"\(number)\"")
        case .text(let text): try output.json(text)
        case .bytes(let range): try content.withUnsafeBytes { try write(bytes: UnsafeRawBufferPointer(rebasing: $0[range])) }
        case .texts(let texts):
            try output.add(UInt8(ascii: "{"))
            for (place, (key, value)) in texts.sorted(by: { $0.key < $1.key }).enumerated() {
                try output.jsonKey(key, isFirst: place == 0)
                try output.json(value)
            }
            try output.add(UInt8(ascii: "}"))
        case .numbers(let numbers):
            try output.add(UInt8(ascii: "{"))
            for (place, (key, value)) in numbers.sorted(by: { $0.key < $1.key }).enumerated() {
                try output.jsonKey(String(key), isFirst: place == 0)
                try output.add("\"\(value)\"")
            }
            try output.add(UInt8(ascii: "}"))
        }
    }

    private func write(bytes: UnsafeRawBufferPointer) throws {
        try output.add(UInt8(ascii: "["))
        for (place, byte) in bytes.enumerated() {
            try output.add(place == 0 ? Self.digits[Int(byte)].dropFirst() : Self.digits[Int(byte)][...])
        }
        try output.add(UInt8(ascii: "]"))
    }

    /// `,"N"` for each byte.
    private static let digits = (0...255).map { Array(",\"\($0)\"".utf8) }
}
