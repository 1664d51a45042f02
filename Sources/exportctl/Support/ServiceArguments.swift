import ArgumentParser
import ExportCore
import Fields
import Sidecars

/// How long commands wait for the daemon's answer, and how they print it.
struct AnswerArguments: ParsableArguments {
    @Option(help: ArgumentHelp("How long to wait for the daemon's answer.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration = .seconds(60)

    @Flag(help: "Print the answer as JSON.")
    var json = false
}

/// What is common to the reading of instants, sizes and limits on the command line.
enum ServiceArgument {
    /// Reads an instant: `2026-03-01`, `2026-03-01T12:00:00Z`, or a length of time before now such as `24h`.
    static func instant(_ text: String) throws -> Timestamp {
        if let nanoseconds = DurationText.parse(text) { return Timestamp(nanoseconds: Timestamp.now().nanoseconds &- nanoseconds) }
        if let instant = RFC3339.parse(text) { return instant }
        throw ValidationError(
            "\"\(Output.printable(text))\" is no instant such as 2026-03-01 or 2026-03-01T12:00:00Z, nor a time back from now such as 24h."
        )
    }

    /// Reads a limit on exports.
    static func exports(_ text: String) throws -> LimitSetting {
        if let word = word(text) { return word }
        guard let value = Int64(text), value >= 0 else {
            throw ValidationError("\"\(Output.printable(text))\" is no number of exports; unlimited and configured are possible, too.")
        }
        return .limit(value)
    }

    /// Reads a limit on bytes.
    static func bytes(_ text: String) throws -> LimitSetting {
        if let word = word(text) { return word }
        guard let value = ByteSize.parse(text) else {
            throw ValidationError("\"\(Output.printable(text))\" is no size such as 512GiB; unlimited and configured are possible, too.")
        }
        return .limit(value)
    }

    /// Reads a size that may have a sign before it.
    static func signedBytes(_ text: String) throws -> Int64 {
        guard let value = SignedSize.parse(text) else { throw ValidationError("\"\(Output.printable(text))\" is no size such as -2GiB.") }
        return value
    }

    private static func word(_ text: String) -> LimitSetting? {
        switch text {
        case "unlimited": .unlimited
        case "configured": .configured
        default: nil
        }
    }
}
