public import ExportCore
import FoundationEssentials
import MCAP
import Recordings

/// One look at one recording.
public struct Inspection {
    /// What is printed.
    public enum Kind: Hashable, Sendable {
        /// A summary for people.
        case summary
        /// The same for scripts.
        case json
        /// Every record in the order of the file, as one JSON object.
        case records
        /// Schemas, channels, messages by log time and statistics, as one JSON object.
        case indexed
        /// The decoded messages of a topic, as JSON lines.
        case decoded(topic: String)
    }

    private let path: String
    private let kind: Kind
    private let isVerifying: Bool
    private let cancellation: Cancellation

    /// - Parameters:
    ///   - path: the recording.
    ///   - kind: what is printed.
    ///   - verifying: whether a summary comes of reading every message and checking every checksum.
    public init(path: String, kind: Kind, verifying: Bool = false, cancellation: Cancellation = Cancellation()) {
        self.path = path
        self.kind = kind
        isVerifying = verifying
        self.cancellation = cancellation
    }

    /// Prints it.
    ///
    /// - Returns: what is wrong with the recording, where the printed text doesn't say it itself or was asked to verify it.
    /// - Throws: `FileError` or `MCAPError` where the file can't be read at all, `RecordingError` where a topic can't be
    ///   decoded, `CancellationError`; what the output throws.
    public func run(to output: TextOutput) throws -> [String] {
        let problems: [String]
        switch kind {
        case .summary:
            let summary = try RecordingSummary(MCAPFile(path: path, cancellation: cancellation), verifying: isVerifying)
            try SummaryText(summary: summary).write(to: output)
            problems = isVerifying ? summary.problems.map(\.message) : []
        case .json:
            let summary = try RecordingSummary(MCAPFile(path: path, cancellation: cancellation), verifying: isVerifying)
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try output.add(encoder.encode(summary))
            try output.add("\n")
            problems = isVerifying ? summary.problems.map(\.message) : []
        case .records:
            let file = try MCAPFile(path: path, cancellation: cancellation)
            try RecordJSON(output).writeRecords(of: file)
            problems = file.problems.map(\.message)
        case .indexed:
            let file = try MCAPFile(path: path, cancellation: cancellation)
            try RecordJSON(output).writeIndexed(of: file)
            problems = file.problems.map(\.message)
        case .decoded(let topic):
            let recording = try Recording(volumes: [path], cancellation: cancellation)
            try DecodedMessages(output).write(topic: topic, of: recording, cancellation: cancellation)
            problems = []
        }
        try output.finish()
        return problems
    }

    /// Whether the problems were printed with the rest.
    public var printsProblems: Bool { kind == .summary || kind == .json }
}
