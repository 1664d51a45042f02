import FoundationEssentials
import MCAP

/// What recovery kept and lost, for people and for programs.
struct RecoveryDocument {
    private let report: RecoveryReport

    init(_ report: RecoveryReport) { self.report = report }

    /// Lines for people.
    func text(_ output: String) -> String {
        var lines = [
            "\(report.isComplete ? "complete " : "recovered")  \(output)",
            "messages   \(report.messages)",
            "chunks     \(report.copiedChunks) as they were, \(report.rewrittenChunks) written anew",
            "other      \(report.attachments) attachments, \(report.metadata) metadata records",
            "bytes      \(report.inputBytes) read, \(report.outputBytes) written",
        ]
        lines += report.repairs.map { "repaired   \($0)" }
        for loss in report.losses {
            var text = loss.message
            if let messages = loss.messages { text += " Messages lost: \(messages)." }
            if let first = loss.firstTime, let last = loss.lastTime { text += " Log times: \(first) to \(last)." }
            lines.append("lost       \(text)")
        }
        if report.lostBytes > 0 || report.lostMessages > 0 {
            lines.append("lost in all: \(report.lostBytes) bytes, \(report.lostMessages) messages as far as is known")
        }
        return lines.map { Self.printable($0) + "\n" }.joined()
    }

    /// A JSON object with a line end behind it.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(Document(report)), as: UTF8.self) + "\n"
    }

    /// Topics and names come from the file, so they must not control the terminal.
    private static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The JSON document; what isn't known is missing.
private struct Document: Encodable {
    struct Loss: Encodable {
        var message: String
        var offset: Int
        var bytes: Int
        var messages: UInt64?
        var firstTime: String?
        var lastTime: String?
    }

    var complete: Bool
    var inputBytes: Int
    var outputBytes: Int
    var messages: UInt64
    var copiedChunks: Int
    var rewrittenChunks: Int
    var attachments: Int
    var metadata: Int
    var firstTime: String?
    var lastTime: String?
    var repairs: [String]
    var losses: [Loss]
    var lostBytes: Int
    var lostMessages: UInt64

    init(_ report: RecoveryReport) {
        complete = report.isComplete
        inputBytes = report.inputBytes
        outputBytes = report.outputBytes
        messages = report.messages
        copiedChunks = report.copiedChunks
        rewrittenChunks = report.rewrittenChunks
        attachments = report.attachments
        metadata = report.metadata
        firstTime = report.firstTime.map(String.init)
        lastTime = report.lastTime.map(String.init)
        repairs = report.repairs
        losses = report.losses.map { loss in
            Loss(
                message: loss.message,
                offset: loss.offset,
                bytes: loss.bytes,
                messages: loss.messages,
                firstTime: loss.firstTime.map(String.init),
                lastTime: loss.lastTime.map(String.init)
            )
        }
        lostBytes = report.lostBytes
        lostMessages = report.lostMessages
    }
}
