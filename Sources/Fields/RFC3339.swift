public import ExportCore

/// Reads instants as people and files write them: RFC 3339 with a time zone, to the nanosecond, or a date, which stands for its
/// first instant in UTC. (Foundation's readers keep fractions in a Double and lose nanoseconds.)
public enum RFC3339 {
    /// A regular expression for both forms, for schemas.
    static let pattern =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$"

    /// The instant, or nil where the text is not one between the years 1678 and 2262, which 64 bits of nanoseconds span.
    ///
    /// A leap second counts as the first second after it.
    public static func parse(_ text: String) -> Timestamp? {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"), let day = reader.number(2),
            (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year)
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        if reader.isAtEnd { return timestamp(seconds: days * 86_400, nanoseconds: 0) }

        guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), reader.take(":"), let second = reader.number(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if reader.take(".") {
            guard let digits = reader.digits(upTo: 9), let value = Int64(digits + String(repeating: "0", count: 9 - digits.count)) else {
                return nil
            }
            fraction = value
        }
        guard let offset = reader.zone(), reader.isAtEnd else { return nil }
        return timestamp(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second - offset, nanoseconds: fraction)
    }

    private static func timestamp(seconds: Int64, nanoseconds: Int64) -> Timestamp? {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooBig) = product.addingReportingOverflow(nanoseconds)
        return overflow || tooBig ? nil : Timestamp(nanoseconds: sum)
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    private static func daysIn(month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar, by eras of 400 years that begin in March.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Walks over a text of digits and marks.
    private struct DigitReader {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = Substring(text).utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ mark: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: mark) else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func digits(upTo count: Int) -> String? {
            let digits = rest.prefix(count).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            return String(Substring(digits))
        }

        mutating func number(_ count: Int) -> Int64? {
            guard let text = digits(upTo: count), text.utf8.count == count else { return nil }
            return Int64(text)
        }

        /// Seconds east of UTC.
        mutating func zone() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isEast = take("+")
            guard isEast || take("-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
        }
    }
}
