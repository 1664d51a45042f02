import Foundation
import ROS

/// Real messages, which official libraries serialised, with their schemas: the fixtures of the tests of `ROS`.
public enum MessageCases {
    /// Readers of one schema each, in the fixtures' order; `payload` inputs name them by it.
    public static let readings: [MessageReading] = {
        let tests = #filePath.components(separatedBy: "/Tests/").dropLast().joined(separator: "/Tests/") + "/Tests"
        guard let text = try? String(contentsOfFile: tests + "/ROSTests/Fixtures/messages.tsv", encoding: .utf8) else {
            preconditionFailure("The fixtures of the tests are not where this was built from")
        }
        return text.split(separator: "\n").map { reading($0.components(separatedBy: "\t")) }
    }()

    private static func reading(_ columns: [String]) -> MessageReading {
        guard columns.count == 7, let data = Data(base64Encoded: columns[4]), let message = Data(base64Encoded: columns[5]),
            let schema = data.withUnsafeBytes({
                try? MessageSchema(messageEncoding: columns[1], name: columns[2], encoding: columns[3], data: $0)
            }), let value = message.withUnsafeBytes({ try? MessageDecoder(schema).decode($0) })
        else { preconditionFailure("The fixture \(columns.first ?? "") cannot be read") }
        return MessageReading(schema, paths: MessageReading.paths(in: value, atMost: 12))
    }
}
