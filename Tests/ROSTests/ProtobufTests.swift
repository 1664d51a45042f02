import ROS
import Testing

/// Writes protobuf by hand.
private struct Proto {
    var bytes: [UInt8] = []

    static func varint(_ value: UInt64) -> [UInt8] {
        var (value, out) = (value, [UInt8]())
        while value >= 0x80 {
            out.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return out + [UInt8(value)]
    }

    func number(_ field: UInt64, _ value: UInt64) -> Proto { Proto(bytes: bytes + Self.varint(field << 3) + Self.varint(value)) }

    func part(_ field: UInt64, _ content: [UInt8]) -> Proto {
        Proto(bytes: bytes + Self.varint(field << 3 | 2) + Self.varint(UInt64(content.count)) + content)
    }

    func text(_ field: UInt64, _ content: String) -> Proto { part(field, Array(content.utf8)) }

    func part(_ field: UInt64, _ content: Proto) -> Proto { part(field, content.bytes) }

    /// A field's descriptor.
    static func field(_ name: String, _ number: UInt64, _ type: UInt64, _ typeName: String = "", label: UInt64 = 1) -> Proto {
        let field = Proto().text(1, name).number(3, number).number(4, label).number(5, type)
        return typeName.isEmpty ? field : field.text(6, typeName)
    }

    /// A set of one proto3 file of package `p` with its messages.
    static func set(_ messages: [(String, [Proto])]) -> [UInt8] {
        var file = Proto().text(1, "p.proto").text(2, "p").text(12, "proto3")
        for (name, fields) in messages {
            file = file.part(4, fields.reduce(Proto().text(1, name)) { $0.part(2, $1) })
        }
        return Proto().part(1, file).bytes
    }
}

private func schema(_ set: [UInt8], _ name: String = "p.M") throws -> MessageSchema {
    try set.withUnsafeBytes { try MessageSchema(messageEncoding: "protobuf", name: name, encoding: "protobuf", data: $0) }
}

private func tree(_ schema: MessageSchema, _ payload: [UInt8]) throws -> FieldValue {
    try payload.withUnsafeBytes { try MessageDecoder(schema).decode($0) }
}

@Suite struct `Messages in protobuf` {
    private static let recursive = Proto.set([("M", [Proto.field("v", 1, 5), Proto.field("next", 2, 11, ".p.M")])])

    @Test func `a type may contain itself, a message only so deep`() throws {
        let type = try schema(Self.recursive)
        var message = Proto().number(1, 7)
        for _ in 0..<90 { message = Proto().part(2, message) }
        _ = try tree(type, message.bytes)
        for _ in 0..<10_000 { message = Proto().part(2, message) }
        #expect(throws: ROSError.self) { try tree(type, message.bytes) }
        #expect(try FieldReader(type, path: "next.next.v").content == .numbers(.int32))
    }

    @Test func `a message that comes in pieces is their merger, a number the last`() throws {
        let type = try schema(Self.recursive)
        let payload = Proto().number(1, 1).part(2, Proto().number(1, 5)).number(1, 2).part(2, Proto().part(2, Proto().number(1, 9))).bytes
        #expect(text(try tree(type, payload)) == "{v=i2,next={v=i5,next={v=i9}}}")
        var values: [Double] = []
        for path in ["v", "next.v", "next.next.v"] {
            try payload.withUnsafeBytes { try FieldReader(type, path: path).readNumbers($0, into: &values) }
        }
        #expect(values == [2, 5, 9])
    }

    @Test(arguments: [
        "0a", "08", "08ffffffffffffffffffff01", "0affffffffffffffffff01", "0b08", "0b14", "0c", "00", "12ffffffff0f", "1d0000",
        "f8ffffff7f01",
    ])
    func `malformed bytes are an error`(hex: String) throws {
        #expect(throws: ROSError.self) { try tree(schema(Self.recursive), bytes(hex)) }
    }

    @Test func `groups nested without end are an error`() throws {
        #expect(throws: ROSError.self) { try tree(schema(Self.recursive), [UInt8](repeating: 0x1B, count: 1 << 20)) }
    }

    @Test func `descriptors that cannot be used are refused in words`() throws {
        let cases: [([UInt8], String)] = [
            (Proto.set([("N", [])]), "does not define p.M"), (Proto.set([("M", [Proto.field("a", 1, 11, ".p.X")])]), "does not define"),
            (Proto.set([("M", [Proto.field("a", 1, 5), Proto.field("b", 1, 5)])]), "not its own"),
            (Proto.set([("M", [Proto.field("a", 1, 5), Proto.field("a", 2, 5)])]), "not its own"),
            (Proto.set([("M", [Proto.field("a", 0, 5)])]), "not its own"), (Proto.set([("M", [Proto.field("a", 1, 77)])]), "does not have"),
            (Proto.set([("M", []), ("M", [Proto.field("a", 1, 5)])]), "twice"), ([0x0A, 0x7F], "FileDescriptorSet"),
        ]
        for (set, words) in cases {
            let error = #expect(throws: ROSError.self) { try schema(set) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "none")")
            #expect(error?.kind == .definition)
        }
        var nested = Proto().text(1, "N")
        for _ in 0..<10_000 { nested = Proto().text(1, "N").part(3, nested) }
        let deep = Proto().part(1, Proto().text(2, "p").part(4, nested)).bytes
        #expect(throws: ROSError.self) { try schema(deep) }
    }

    @Test func `a type's name is no longer than any real one, and looked for in every scope of it`() throws {
        func named(_ package: String) throws -> MessageSchema {
            // Without a dot in front, the type is looked for from the innermost scope outwards: here it is outside of all.
            let file = Proto().text(2, package).part(4, Proto().text(1, "M").part(2, Proto.field("a", 1, 11, "X")))
            return try schema(Proto().part(1, file).part(1, Proto().part(4, Proto().text(1, "X"))).bytes, package + ".M")
        }
        let part = "package"
        let parts = Array(repeating: part, count: 100)
        #expect(try tree(try named(parts.joined(separator: ".")), [0x0A, 0]) == .message([.init("a", .message([]))]))
        #expect(throws: ROSError.self) { _ = try named(Array(repeating: part, count: 200).joined(separator: ".")) }
    }

    @Test func `a few bytes cannot stand for any number of defaults`() throws {
        let many = (1...2000).map { Proto.field("f\($0)", UInt64($0), 1) }
        let type = try schema(Proto.set([("M", [Proto.field("n", 1, 11, ".p.N", label: 3)]), ("N", many)]))
        let payload = (0..<100_000).flatMap { _ in [0x0A, 0x00] as [UInt8] }
        #expect(throws: ROSError.self) { try tree(type, payload) }
    }

    @Test func `a time farther away than nanoseconds reach stays two numbers`() throws {
        var file = Proto().text(1, "t.proto").text(2, "google.protobuf").text(12, "proto3")
        file = file.part(4, Proto().text(1, "Timestamp").part(2, Proto.field("seconds", 1, 3)).part(2, Proto.field("nanos", 2, 5)))
        let set = Proto.set([("M", [Proto.field("t", 1, 11, ".google.protobuf.Timestamp")])]) + Proto().part(1, file).bytes
        let type = try schema(set)
        let near = Proto().part(1, Proto().number(1, 5).number(2, 6)).bytes
        let far = Proto().part(1, Proto().number(1, 253_402_300_799)).bytes
        #expect(try tree(type, near)["t"] == .time(5_000_000_006))
        #expect(try tree(type, far)["t"]?["seconds"] == .integer(253_402_300_799))
        let reader = try FieldReader(type, path: "t")
        #expect(try near.withUnsafeBytes { try reader.readTime($0) } == 5_000_000_006)
        #expect(throws: ROSError.self) { try far.withUnsafeBytes { try reader.readTime($0) } }
        #expect(try FieldReader(type, path: "t").content == .time(.instant))
    }
}
