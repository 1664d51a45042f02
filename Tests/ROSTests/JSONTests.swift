import ROS
import Testing

private func jsonSchema(_ text: String = "") throws -> MessageSchema {
    try text.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0) }.map {
        try MessageSchema(messageEncoding: "json", name: "T", encoding: text.isEmpty ? "" : "jsonschema", data: $0)
    } ?? MessageSchema(messageEncoding: "json", name: "T", encoding: "", data: .init(start: nil, count: 0))
}

private func tree(_ json: String, _ schema: MessageSchema) throws -> FieldValue {
    var json = json
    return try json.withUTF8 { try MessageDecoder(schema).decode(UnsafeRawBufferPointer($0)) }
}

private func read<R>(_ json: String, _ path: String, _ schema: MessageSchema, _ body: (FieldReader, UnsafeRawBufferPointer) throws -> R)
    throws -> R
{
    var json = json
    let reader = try FieldReader(schema, path: path)
    return try json.withUTF8 { try body(reader, UnsafeRawBufferPointer($0)) }
}

private func numbers(_ json: String, _ path: String, _ schema: MessageSchema) throws -> [Double] {
    var values: [Double] = []
    try read(json, path, schema) { try $0.readNumbers($1, into: &values) }
    return values
}

@Suite struct `Messages in JSON` {
    private static let image = """
        {"title": "foxglove.CompressedImage", "type": "object", "properties": {
          "timestamp": {"type": "object", "title": "time", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}},
          "frame_id": {"type": "string"}, "data": {"type": "string", "contentEncoding": "base64"}, "format": {"type": "string"}}}
        """

    @Test func `integers keep every digit`() throws {
        let value = try tree(
            #"{"a": 9223372036854775807, "b": -9223372036854775808, "c": 18446744073709551615, "d": 1.0, "e": -0}"#,
            jsonSchema()
        )
        #expect(value["a"] == .integer(.max))
        #expect(value["b"] == .integer(.min))
        #expect(value["c"] == .unsigned(.max))
        #expect(value["d"] == .float64(1))
        #expect(value["e"] == .integer(0))
    }

    @Test func `members keep their order, and the last of a name counts`() throws {
        let value = try tree(#"{"z": 1, "a": [true, null, "x"], "z": 2}"#, jsonSchema())
        #expect(text(value) == "{z=i2,a=[b1,d7ff8000000000000,s78]}")
        #expect(try numbers(#"{"z": 1, "a": 3, "z": 2}"#, "z", jsonSchema()) == [2])
    }

    @Test func `escapes are the characters that they stand for`() throws {
        let value = try tree(#"{"t": "a\"\\\/\b\f\n\r\t\u00e9\ud83e\udd16\ud83e!"}"#, jsonSchema())
        #expect(value["t"] == .string("a\"\\/\u{8}\u{c}\n\r\té🤖\u{FFFD}!"))
    }

    @Test func `fields are read behind arrays, and null keeps a number's place`() throws {
        let json = #"{"points": [{"x": 1}, {"x": 2.5, "y": "7"}, {}], "flat": [[1, 2], [3, null]], "on": true, "none": null}"#
        #expect(try numbers(json, "points.x", jsonSchema()) == [1, 2.5])
        #expect(try numbers(json, "points.y", jsonSchema()) == [7])
        #expect(try numbers(json, "flat", jsonSchema()).map(\.description) == ["1.0", "2.0", "3.0", "nan"])
        #expect(try numbers(json, "on", jsonSchema()) == [1])
        #expect(try numbers(json, "none", jsonSchema()) == [])
        #expect(try numbers(json, "missing.deep", jsonSchema()) == [])
        #expect(throws: ROSError.self) { try numbers(json, "points", jsonSchema()) }
    }

    @Test func `bytes are decoded where the schema says base64`() throws {
        let json = #"{"timestamp": {"sec": 12, "nsec": 5}, "frame_id": "c", "data": "/9j\/4A==", "format": "jpeg"}"#
        let schema = try jsonSchema(Self.image)
        #expect(try tree(json, schema)["data"] == .bytes([0xFF, 0xD8, 0xFF, 0xE0]))
        #expect(try tree(json, schema)["timestamp"] == .time(12_000_000_005))
        #expect(try read(json, "data", schema) { try $0.readBlob($1) } == .bytes([0xFF, 0xD8, 0xFF, 0xE0]))
        #expect(try read(json, "timestamp", schema) { try $0.readTime($1) } == 12_000_000_005)
        #expect(try read(json, "format", schema) { try $0.readStrings($1) } == ["jpeg"])
        #expect(throws: ROSError.self) { try tree(#"{"data": "!"}"#, schema) }
        let error = #expect(throws: ROSError.self) { try FieldReader(schema, path: "dta") }
        #expect(error?.message.contains("frame_id, data") == true)
        let noSchema = try MessageSchema(messageEncoding: "json", name: "", encoding: "", data: .init(start: nil, count: 0))
        #expect(try read(#"{"data": [255, 0]}"#, "data", noSchema) { try $0.readBlob($1) } == .bytes([255, 0]))
    }

    @Test(arguments: [
        (#"{"sec": 1, "nsec": 2}"#, 1_000_000_002), (#"{"nanosec": 2, "sec": 1}"#, 1_000_000_002),
        (#"{"secs": -1, "nsecs": 0}"#, -1_000_000_000),
        (#"{"seconds": 0, "nanos": 7}"#, 7), (#""1970-01-01T00:00:01Z""#, 1_000_000_000), (#""1970-01-01T01:00:00.5+01:00""#, 500_000_000),
        (#""2024-02-29T12:00:00.1234567891Z""#, 1_709_208_000_123_456_789), (#""1969-12-31T23:59:59z""#, -1_000_000_000), ("null", 0),
    ])
    func `times have several forms`(time: String, expected: Int64) throws {
        #expect(try read(#"{"t": \#(time)}"#, "t", jsonSchema()) { try $0.readTime($1) } == expected)
    }

    @Test(arguments: [#""2024-13-01T00:00:00Z""#, #""yesterday""#, "5", #"{"sec": 1}"#, #"{"sec": 9223372036854775807, "nsec": 0}"#, "[]"])
    func `what is no time is not taken for one`(time: String) throws {
        #expect(throws: ROSError.self) { try read(#"{"t": \#(time)}"#, "t", jsonSchema()) { try $0.readTime($1) } }
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\" 1}", "{\"a\": 1,}", "01", "1.", "1e", "-", "\"a", "\"\\x\"", "\"\\u12\"", "tru", "{} x", "\"\u{1}\"",
        "nul", "[1 2]",
        String(repeating: "[", count: 10_000), String(repeating: #"{"a":"#, count: 10_000), String(repeating: "1", count: 100_000),
    ])
    func `a text that is no JSON is an error`(json: String) throws {
        let schema = try jsonSchema()
        #expect(throws: ROSError.self) { try tree(json, schema) }
        #expect(throws: ROSError.self) { try numbers(json, "a", schema) }
    }

    @Test func `a schema may refer to itself`() throws {
        let text =
            ##"{"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"v": {"type": "number"}, "next": {"$ref": "#/$defs/N"}}}}}"##
        #expect(try numbers(#"{"v": 1, "next": {"v": 2, "next": {"v": 3}}}"#, "next.v", jsonSchema(text)) == [2])
        #expect(try tree("{\"v\": 1}", jsonSchema(#"{"$ref": "\u0023"}"#))["v"] == .integer(1))
        #expect(throws: ROSError.self) { try jsonSchema(String(repeating: "{\"items\":", count: 10_000)) }
    }

    @Test func `references in a schema have a limit to how far they lead, and to what they cost`() {
        let chain = (0..<20_000).map { "\"a\($0)\":{\"$ref\":\"#/a\($0 + 1)\"}" }.joined(separator: ",")
        #expect(throws: ROSError.self) { _ = try jsonSchema("{\"$ref\":\"#/a0\",\(chain)}") }
        // Each of the references is spelt in its own way and leads to the same large object.
        let slashes = (0..<1024).map { number in (0..<10).map { number >> $0 & 1 == 0 ? "/p" : "//p" }.joined() }
        let references = slashes.enumerated().map { "\"f\($0)\":{\"$ref\":\"#\($1)\"}" }.joined(separator: ",")
        let junk = (0..<5000).map { "\"j\($0)\":0," }.joined() + "\"type\":\"string\""
        let large = String(repeating: "{\"p\":", count: 9) + "{\"p\":{\(junk)}}" + String(repeating: "}", count: 9)
        #expect(throws: ROSError.self) {
            _ = try jsonSchema("{\"type\":\"object\",\"properties\":{\(references)},\(large.dropFirst().dropLast())}")
        }
    }
}
