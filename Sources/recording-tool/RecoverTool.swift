import ArgumentParser
@preconcurrency import Dispatch
import ExportCore
import Files
import FoundationEssentials
import Glibc
import MCAP

/// `exportctl recover`: makes a sound recording of a damaged one.
struct RecoverTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exportctl recover",
        abstract: "Makes a sound recording of one that is cut off or damaged.",
        discussion: """
            Chunks that are whole are carried over byte for byte; of a cut chunk, every message before the cut. Attachments and \
            metadata are kept. The new file is read back before it gets its name.

            Exit codes: 0 nothing was lost, 1 no file was written, 2 wrong usage, 3 a file was written and something was lost or \
            may be damaged.
            """
    )

    @Argument(help: "The damaged recording, an MCAP file; it is not changed.")
    var input: String

    @Argument(help: "The file to write.")
    var output: String

    @Flag(help: "Replace the file to write where it exists.")
    var force = false

    @Flag(help: "Print what was kept and lost as JSON; times are nanoseconds as strings.")
    var json = false

    func run() throws {
        try checkInput()
        try checkOutput()
        let report = try Self.untilInterrupted { cancellation in
            try MCAPRecovery.recover(
                from: input,
                to: output,
                replacing: force,
                library: "exportd \(Version.current)",
                cancellation: cancellation
            )
        }
        let document = RecoveryDocument(report)
        let text = json ? try document.json() : document.text(output)
        try Array(text.utf8).withUnsafeBytes { try ToolOutput.write($0) }
        if !report.isComplete { throw ExitCode(3) }
    }

    /// Other recordings are known by their first bytes and can't be recovered yet.
    private func checkInput() throws {
        let kind = try FileSystem.status(of: FileSystem.realPath(input)).kind
        guard kind == .regular else {
            throw ExportError(
                .requestInvalid,
                "\(input) is \(kind == .directory ? "a folder" : "no regular file"); recovery takes one MCAP file at a time.",
                location: .init(file: input)
            )
        }
        let start = try OpenFile.reading(input).read(upTo: 16)
        for (magic, name) in [("#ROSBAG V2.0", "ROS 1 bag"), ("SQLite format 3\0", "rosbag2 database")] where start.starts(with: magic.utf8)
        {
            throw ExportError(
                .requestInvalid,
                "\(input) is a \(name); only MCAP files can be recovered.",
                location: .init(file: input)
            )
        }
    }

    private func checkOutput() throws {
        guard let existing = try FileSystem.statusIfPresent(of: output) else { return }
        guard existing.kind == .regular else {
            throw ExportError(
                .requestInvalid,
                "\(output) is \(existing.kind == .directory ? "a folder" : "no regular file").",
                hint: "Name the file to write.",
                location: .init(file: output)
            )
        }
        guard force else {
            throw ExportError(
                .requestInvalid,
                "\(output) exists.",
                hint: "Choose another name, or let it be replaced with --force.",
                location: .init(file: output)
            )
        }
    }

    /// Runs work that removes what it leaves half-done when it is cancelled, which the usual signals do.
    private static func untilInterrupted<Value>(_ work: (Cancellation) throws -> Value) throws -> Value {
        let cancellation = Cancellation()
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { cancellation.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            return try work(cancellation)
        } catch is CancellationError {
            throw ExportError(.internal, "Interrupted: no file was written.", hint: "Run it again.")
        }
    }
}
