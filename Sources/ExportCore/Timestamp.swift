/// An instant: integer nanoseconds since the Unix epoch, UTC.
///
/// Nanoseconds of this century do not fit a `Double`; they are integers from the file that holds them to the file that
/// is written. In JSON a timestamp is a string of digits, as in the recordings' own annotations, because readers of JSON
/// numbers may go through a double.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let nanoseconds: Int64

    /// An instant at so many nanoseconds since the Unix epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Earlier instants sort first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Timestamp: Codable {
    /// Reads a string of digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let nanoseconds = Int64(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "expected integer nanoseconds in a string, found \"\(text)\""
            )
        }
        self.nanoseconds = nanoseconds
    }

    /// Writes a string of digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(nanoseconds))
    }
}

/// A closed interval of time: both ends belong to it, as in the annotations (a segment holds exactly the frames whose
/// time lies in `[start, end]`).
public struct TimeRange: Hashable, Codable, Sendable {
    /// The first instant of the interval.
    public let start: Timestamp
    /// The last instant of the interval, never before `start`.
    public let end: Timestamp

    /// An interval, or nil where `end` lies before `start`.
    public init?(start: Timestamp, end: Timestamp) {
        guard start <= end else { return nil }
        self.start = start
        self.end = end
    }

    /// Length in nanoseconds; saturates where the interval is longer than 292 years.
    public var nanoseconds: Int64 {
        let (difference, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        return overflow ? .max : difference
    }

    /// Whether an instant lies in the interval.
    public func contains(_ instant: Timestamp) -> Bool {
        start <= instant && instant <= end
    }

    /// The part that two intervals share, or nil where they share no instant.
    public func intersection(_ other: TimeRange) -> TimeRange? {
        TimeRange(start: max(start, other.start), end: min(end, other.end))
    }
}

extension Timestamp {
    /// The instant so much later, or the last that can be told.
    public static func + (instant: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (whole, isLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isLarger) = instant.nanoseconds.addingReportingOverflow(isLarge ? .max : whole + attoseconds / 1_000_000_000)
        return Timestamp(nanoseconds: isLarge || isLarger ? .max : sum)
    }
}
