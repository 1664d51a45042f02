import Foundation
import ROS
import TestSupport
import Testing

/// A message that an official library serialised, with the value that it stands for (`Tests/Peers/message_cases.py`).
private struct PeerCase {
    let name: String
    let schema: MessageSchema
    let payload: [UInt8]
    let value: String

    init(line: Substring) throws {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
        try #require(fields.count == 7)
        name = fields[0]
        let data = try #require(Data(base64Encoded: fields[4]))
        schema = try data.withUnsafeBytes {
            try MessageSchema(messageEncoding: fields[1], name: fields[2], encoding: fields[3], data: $0)
        }
        payload = [UInt8](try #require(Data(base64Encoded: fields[5])))
        value = fields[6]
    }

    static func all() throws -> [PeerCase] {
        let committed = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/messages.tsv")
        let file = ProcessInfo.processInfo.environment["EXPORTD_MESSAGE_CASES"].map { URL(filePath: $0) } ?? committed
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { try PeerCase(line: $0) }
    }
}

/// Writes a value as the fixtures do: equal texts mean equal values.
func text(_ value: FieldValue) -> String {
    func hex(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
    func bits<T: FixedWidthInteger>(_ value: T) -> String { withUnsafeBytes(of: value.bigEndian) { hex($0) } }
    switch value {
    case .bool(let value): return value ? "b1" : "b0"
    case .integer(let value): return "i\(value)"
    case .unsigned(let value): return "u\(value)"
    case .float32(let value): return "f" + bits(value.bitPattern)
    case .float64(let value): return "d" + bits(value.bitPattern)
    case .string(let value): return "s" + hex(value.utf8)
    case .bytes(let value): return "x" + hex(value)
    case .time(let value): return "t\(value)"
    case .duration(let value): return "r\(value)"
    case .list(let values): return "[" + values.map(text).joined(separator: ",") + "]"
    case .message(let members): return "{" + members.map { "\($0.name)=\(text($0.value))" }.joined(separator: ",") + "}"
    }
}

private let digits = Array("0123456789abcdef".utf8)

/// What is found along each path through a tree.
private struct PathValues {
    var numbers: [String: [Double]] = [:]
    var strings: [String: [String]] = [:]
    var times: [String: Int64] = [:]
    var blobs: [String: [UInt8]] = [:]

    init(_ value: FieldValue) {
        collect(value, "", isRepeated: false)
    }

    private mutating func collect(_ value: FieldValue, _ path: String, isRepeated: Bool) {
        switch value {
        case .bool(let value): numbers[path, default: []].append(value ? 1 : 0)
        case .integer(let value): numbers[path, default: []].append(Double(value))
        case .unsigned(let value): numbers[path, default: []].append(Double(value))
        case .float32(let value): numbers[path, default: []].append(Double(value))
        case .float64(let value): numbers[path, default: []].append(value)
        case .string(let value): strings[path, default: []].append(value)
        case .time(let value), .duration(let value): if !isRepeated { times[path] = value }
        case .bytes(let value): if !isRepeated { blobs[path] = value }
        case .list(let values): for value in values { collect(value, path, isRepeated: true) }
        case .message(let members):
            for member in members { collect(member.value, path.isEmpty ? member.name : "\(path).\(member.name)", isRepeated: isRepeated) }
        }
    }
}

@Suite struct `Messages of official libraries` {
    @Test func `every value is the one that was serialised`() throws {
        let cases = try PeerCase.all()
        #expect(!cases.isEmpty)
        for one in cases {
            let value = Result { try one.payload.withUnsafeBytes { bytes in try MessageDecoder(one.schema).decode(bytes) } }
            switch value {
            case .success(let value): #expect(text(value) == one.value, "\(one.name)")
            case .failure(let error): Issue.record("\(one.name): \(error)")
            }
        }
    }

    @Test func `every field read by its path is what the whole message has there`() throws {
        for one in try PeerCase.all() {
            try one.payload.withUnsafeBytes { bytes in
                let found = PathValues(try MessageDecoder(one.schema).decode(bytes))
                for (path, expected) in found.numbers {
                    var values: [Double] = []
                    try FieldReader(one.schema, path: path).readNumbers(bytes, into: &values)
                    // By their bits: a number that is none equals no other.
                    #expect(values.map(\.bitPattern) == expected.map(\.bitPattern), "\(one.name), \(path)")
                }
                for (path, expected) in found.strings {
                    #expect(try FieldReader(one.schema, path: path).readStrings(bytes) == expected, "\(one.name), \(path)")
                }
                for (path, expected) in found.times {
                    let reader = try FieldReader(one.schema, path: path)
                    #expect(try reader.readTime(bytes) == expected, "\(one.name), \(path)")
                    if let time = reader.timePlace?.read(bytes) { #expect(time == expected, "\(one.name), \(path)") }
                }
                for (path, expected) in found.blobs {
                    let blob = try FieldReader(one.schema, path: path).readBlob(bytes)
                    #expect(blob.withBytes(in: bytes) { Array($0) } == expected, "\(one.name), \(path)")
                }
            }
        }
    }

    @Test func `messages cut short or damaged never trap`() throws {
        var random = SeededGenerator(seed: 7)
        for one in try PeerCase.all() {
            let paths = try one.payload.withUnsafeBytes { bytes in
                let found = PathValues(try MessageDecoder(one.schema).decode(bytes))
                return (found.numbers.keys.sorted() + found.strings.keys.sorted() + found.blobs.keys.sorted()).prefix(6)
            }
            let readers = try paths.map { try FieldReader(one.schema, path: $0) }
            for _ in 0..<6 {
                var damaged = one.payload
                for _ in 0..<Int.random(in: 1...3, using: &random) where !damaged.isEmpty {
                    damaged[Int.random(in: damaged.indices, using: &random)] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                }
                if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0...damaged.count, using: &random)) }
                damaged.withUnsafeBytes { bytes in
                    _ = try? MessageDecoder(one.schema).decode(bytes)
                    for reader in readers {
                        var values: [Double] = []
                        try? reader.readNumbers(bytes, into: &values)
                        _ = try? reader.readStrings(bytes)
                        _ = try? reader.readBlob(bytes)
                        _ = try? reader.readTime(bytes)
                        _ = try? reader.readWireRange(bytes)
                    }
                }
            }
        }
    }
}
