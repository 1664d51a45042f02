import ArgumentParser
import ExportCore
import Inspection
import RecordingNames

/// `exportctl inspect`: what is in a recording.
struct InspectTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exportctl inspect",
        abstract: "Shows what is in a recording, checks it, or prints its messages.",
        discussion: """
            Without options: a summary with topics, rates, gaps, chunks, attachments, metadata and the problems that were seen.

            In decoded messages, times are nanoseconds as strings, integers beyond 2^53 are strings too, lists of bytes are \
            Base64, and floating-point numbers that are infinite or no number are null.

            Exit codes: 0 done, 1 the recording cannot be read, 2 wrong usage or an option for another format, 3 --verify or one of the --json-… listings found \
            something wrong.
            """
    )

    @Argument(help: "The recording: an MCAP file, a ROS 1 bag, a rosbag2 database, or the folder of a dataset or of rosbag2.")
    var file: String

    @Flag(help: "Read every message of an MCAP file in the order of log times, and check all checksums and indexes.")
    var verify = false

    @Flag(help: "Print the summary as JSON; what ends in _ns is nanoseconds, as a string.")
    var json = false

    @Flag(help: "Print every record of an MCAP file in its order, as one JSON object.")
    var jsonRecords = false

    @Flag(help: "Print schemas, channels, messages by log time and statistics of an MCAP file, as one JSON object.")
    var jsonIndexed = false

    @Option(help: ArgumentHelp("Print the decoded messages of a topic as JSON lines.", valueName: "topic"))
    var decode: String?

    func validate() throws {
        guard [json, jsonRecords, jsonIndexed, decode != nil].count(where: \.self) <= 1 else {
            throw ValidationError("--json, --json-records, --json-indexed and --decode are different things to print: choose one.")
        }
        if verify, jsonRecords || jsonIndexed || decode != nil {
            throw ValidationError("--verify goes with the summary, as text or with --json.")
        }
    }

    func run() throws {
        let inspection = Inspection(path: file, volumes: try NamedRecording.volumes(at: file), kind: kind, verifying: verify)
        let problems = try inspection.run(to: TextOutput(ToolOutput.write))
        guard !problems.isEmpty else { return }
        if !inspection.printsProblems {
            for problem in problems { ToolOutput.note("exportctl: \(file): \(problem)") }
        }
        throw ExitCode(3)
    }

    private var kind: Inspection.Kind {
        if let decode { return .decoded(topic: decode) }
        if jsonRecords { return .records }
        if jsonIndexed { return .indexed }
        return json ? .json : .summary
    }
}
