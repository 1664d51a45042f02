extension Timestamp {
    /// The instant as sidecars and people write it: RFC 3339, UTC, cut (not rounded) to milliseconds, such as
    /// `2026-11-22T17:15:00.250Z`.
    public var rfc3339: String {
        let (second, nanoseconds) = wholeSecond
        return "\(second).\(Self.padded(nanoseconds / 1_000_000, 3))Z"
    }

    /// The same to the nanosecond, with as many digits of the fraction as it needs: `2026-03-01T00:00:00Z`.
    public var exactRFC3339: String {
        let (second, nanoseconds) = wholeSecond
        guard nanoseconds > 0 else { return "\(second)Z" }
        var digits = Self.padded(nanoseconds, 9)
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(second).\(digits)Z"
    }

    /// Date and time without fraction and zone, and the nanoseconds behind them.
    private var wholeSecond: (text: String, nanoseconds: Int64) {
        let (seconds, fraction) = Self.floorDivide(nanoseconds, 1_000_000_000)
        let (days, second) = Self.floorDivide(seconds, 86_400)
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let time = "\(Self.padded(second / 3_600, 2)):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))"
        return ("\(date)T\(time)", fraction)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    static func floorDivide(_ value: Int64, _ by: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    /// The Gregorian date of a day, by eras of 400 years that begin in March.
    static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(daysSinceEpoch + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
