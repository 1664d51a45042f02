import Foundation
import ROS

/// Real messages of one serialisation, which official libraries wrote, with their schemas: the fixtures of the tests of `ROS`.
public struct MessageCases: Sendable {
    /// ROS 2's, of every representation.
    public static let cdr = MessageCases("cdr")
    /// JSON.
    public static let json = MessageCases("json")
    /// protobuf.
    public static let protobuf = MessageCases("protobuf")
    /// ROS 1's.
    public static let ros1 = MessageCases("ros1")

    /// Readers of one schema each, in the fixtures' order.
    private let readings: [MessageReading]

    private init(_ encoding: String) {
        let tests = #filePath.components(separatedBy: "/Tests/").dropLast().joined(separator: "/Tests/") + "/Tests"
        guard let text = try? String(contentsOfFile: tests + "/ROSTests/Fixtures/messages.tsv", encoding: .utf8) else {
            preconditionFailure("The fixtures of the tests are not where this was built from")
        }
        let rows = text.split(separator: "\n").map { $0.components(separatedBy: "\t") }
        readings = rows.filter { $0[1] == encoding }.map(Self.reading)
        precondition(!readings.isEmpty, "There are no fixtures of \(encoding)")
    }

    /// Reads an input whose first byte chooses the schema; only errors may come of it.
    public func read(_ data: UnsafePointer<UInt8>?, _ count: Int) {
        guard let data, count > 0 else { return }
        readings[Int(data[0]) % readings.count].read(UnsafeRawBufferPointer(start: data + 1, count: count - 1))
    }

    private static func reading(_ columns: [String]) -> MessageReading {
        guard columns.count == 7, let data = Data(base64Encoded: columns[4]), let message = Data(base64Encoded: columns[5]),
            let schema = data.withUnsafeBytes({
                try? MessageSchema(messageEncoding: columns[1], name: columns[2], encoding: columns[3], data: $0)
            }), let value = message.withUnsafeBytes({ try? MessageDecoder(schema).decode($0) })
        else { preconditionFailure("The fixture \(columns.first ?? "") cannot be read") }
        return MessageReading(schema, paths: MessageReading.paths(in: value, atMost: 12))
    }
}
