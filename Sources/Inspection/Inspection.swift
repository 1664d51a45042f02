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
    private let volumes: [String]
    private let kind: Kind
    private let isVerifying: Bool
    private let cancellation: Cancellation

    /// - Parameters:
    ///   - path: the recording as a person names it.
    ///   - volumes: its files in their order; `nil` where the path is the one file.
    ///   - kind: what is printed.
    ///   - verifying: whether a summary comes of reading every message and checking every checksum.
    public init(
        path: String,
        volumes: [String]? = nil,
        kind: Kind,
        verifying: Bool = false,
        cancellation: Cancellation = Cancellation()
    ) {
        self.path = path
        self.volumes = volumes ?? [path]
        self.kind = kind
        isVerifying = verifying
        self.cancellation = cancellation
    }

    /// Prints it.
    ///
    /// - Returns: what is wrong with the recording, where the printed text doesn't say it itself or was asked to verify it.
    /// - Throws: `RecordingError` where a file can't be read at all or a topic can't be decoded; `ExportError` where what is asked
    ///   for can be had of MCAP files only; `CancellationError`; what the output throws.
    public func run(to output: TextOutput) throws -> [String] {
        let recording = try Recording(volumes: volumes, cancellation: cancellation)
        let problems: [String]
        switch kind {
        case .summary, .json:
            let summary = try summary(of: recording)
            if kind == .summary {
                try SummaryText(summary: summary).write(to: output)
            } else {
                let encoder = JSONEncoder()
                encoder.keyEncodingStrategy = .convertToSnakeCase
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                try output.add(encoder.encode(summary))
                try output.add("\n")
            }
            problems = isVerifying ? summary.problems.map(\.message) : []
        case .records:
            let file = try mcapFile(of: recording, for: "--json-records")
            try RecordJSON(output).writeRecords(of: file)
            problems = file.problems.map(\.message)
        case .indexed:
            let file = try mcapFile(of: recording, for: "--json-indexed")
            try RecordJSON(output).writeIndexed(of: file)
            problems = file.problems.map(\.message)
        case .decoded(let topic):
            try DecodedMessages(output).write(topic: topic, of: recording, cancellation: cancellation)
            problems = []
        }
        try output.finish()
        return problems
    }

    private func summary(of recording: Recording) throws -> RecordingSummary {
        if isVerifying { return try RecordingSummary(mcapFile(of: recording, for: "--verify"), verifying: true) }
        if recording.volumes.count == 1, let file = recording.volumes[0] as? MCAPFile {
            return try RecordingSummary(file, verifying: false)
        }
        return try RecordingSummary(recording, path: path, cancellation: cancellation)
    }

    /// The recording's one file.
    ///
    /// - Throws: `ExportError` where it is of another format, or there are several.
    private func mcapFile(of recording: Recording, for option: String) throws(ExportError) -> MCAPFile {
        if recording.volumes.count == 1, let file = recording.volumes[0] as? MCAPFile { return file }
        throw ExportError(
            .requestInvalid,
            recording.volumes.count == 1
                ? "\(option) is for MCAP files, and \(path) is a \(recording.volumes[0].format.name)."
                : "\(option) is for single MCAP files, and \(path) has \(recording.volumes.count) volumes.",
            hint: "The summary, --json and --decode show what is in it.",
            location: .init(file: path)
        )
    }

    /// Whether the problems were printed with the rest.
    public var printsProblems: Bool { kind == .summary || kind == .json }
}
