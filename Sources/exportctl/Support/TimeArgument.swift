import ArgumentParser
import Fields

/// Lengths of time on the command line.
enum TimeArgument {
    /// Reads `90s`, `2h` or a bare number of seconds.
    static func parse(_ text: String) throws -> Duration {
        if let seconds = Int64(text), seconds >= 0, seconds < 1 << 32 { return .seconds(seconds) }
        guard let nanoseconds = DurationText.parse(text) else {
            throw ValidationError("\"\(Output.printable(text))\" is not a length of time such as 90s, 5m or 2h.")
        }
        return .nanoseconds(nanoseconds)
    }
}
