/// For each reference frame the message of a stream that lies nearest in time.
public struct NearestMatches: Sendable {
    /// For each reference frame the position of its message; nil where none lies within the tolerance.
    public let positions: [Int?]
    /// How far a message may lie away, in nanoseconds.
    public let tolerance: Int64

    /// Finds the matches in one pass over both.
    ///
    /// Of two that are equally near the earlier counts, of several at one time the first.
    ///
    /// - Parameters:
    ///   - stream: nanoseconds, ascending.
    ///   - reference: nanoseconds, ascending.
    ///   - tolerance: nanoseconds; nil for half the reference's median interval or three quarters of the stream's, whichever is more.
    public init(stream: [Int64], reference: [Int64], tolerance: Int64?) {
        self.init(
            stream: stream,
            reference: reference,
            tolerance: tolerance
                ?? Self.automaticTolerance(Self.medianInterval(of: stream), reference: Self.medianInterval(of: reference))
        )
    }

    /// How far a message may lie away where nothing is said: half the reference's median interval or three quarters of the stream's,
    /// whichever is more.
    public static func automaticTolerance(_ interval: Int64, reference: Int64) -> Int64 {
        max(reference / 2, interval / 4 * 3)
    }

    /// Finds the matches in one pass over both, as the other does, within a tolerance in nanoseconds.
    public init(stream: [Int64], reference: [Int64], tolerance: Int64) {
        var positions: [Int?] = []
        positions.reserveCapacity(reference.count)
        var before = 0  // the last message at or before the frame, or the first
        for frame in reference {
            while before + 1 < stream.count, stream[before + 1] <= frame { before += 1 }
            guard before < stream.count else {
                positions.append(nil)
                continue
            }
            var nearest = before
            if before + 1 < stream.count, Self.distance(stream[before + 1], frame) < Self.distance(stream[before], frame) {
                nearest = before + 1
            }
            while nearest > 0, stream[nearest - 1] == stream[nearest] { nearest -= 1 }
            positions.append(Self.distance(stream[nearest], frame) <= tolerance ? nearest : nil)
        }
        self.positions = positions
        self.tolerance = tolerance
    }

    private static func distance(_ left: Int64, _ right: Int64) -> Int64 {
        let (difference, overflow) = max(left, right).subtractingReportingOverflow(min(left, right))
        return overflow ? .max : difference
    }

    /// The usual distance between neighbours of ascending times; 0 below two.
    public static func medianInterval(of times: [Int64]) -> Int64 {
        guard times.count > 1 else { return 0 }
        var intervals = zip(times.dropFirst(), times).map { distance($0, $1) }
        return intervals.select([intervals.count / 2])[0]
    }
}
