/// The forms that times have in JSON.
enum JSONTime {
    private static let seconds: Set<String> = ["sec", "secs", "seconds"]
    private static let nanoseconds: Set<String> = ["nsec", "nsecs", "nanosec", "nanos", "nanoseconds"]

    /// Whether two members' names are those of seconds and nanoseconds, as ROS, rosbridge and Foxglove write them.
    static func isPair(_ names: [String]) -> Bool {
        names.count == 2 && (seconds.contains(names[0]) && nanoseconds.contains(names[1]) || isPairReversed(names))
    }

    private static func isPairReversed(_ names: [String]) -> Bool {
        seconds.contains(names[1]) && nanoseconds.contains(names[0])
    }

    /// The nanoseconds of an object of two whole numbers; nil where it is none, or they do not fit 64 bits.
    static func pair(_ members: [FieldValue.Member]) -> Int64? {
        guard members.count == 2, isPair(members.map(\.name)) else { return nil }
        let first = isPairReversed(members.map(\.name)) ? 1 : 0
        guard case .integer(let seconds) = members[first].value, case .integer(let rest) = members[1 - first].value else { return nil }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(rest)
        return overflow || carry ? nil : sum
    }

    /// The nanoseconds since the Unix epoch of a time as RFC 3339 writes it, such as `2024-05-01T12:00:00.5Z`.
    ///
    /// Nil where it is none, or does not fit 64 bits. Digits beyond nanoseconds are cut off.
    static func rfc3339(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            defer { rest = rest.dropFirst(digits) }
            return rest.prefix(digits).reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }
        func take(_ bytes: String) -> Bool {
            guard let byte = rest.first, bytes.utf8.contains(byte) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("Tt "),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var nanoseconds = 0
        if take(".") {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            for index in 0..<9 {
                nanoseconds = nanoseconds * 10 + (index < digits.count ? Int(digits[digits.startIndex + index]) - 0x30 : 0)
            }
        }
        var shift = 0
        if !take("Zz") {
            let isWest = rest.first == UInt8(ascii: "-")
            guard take("+-"), let hours = number(2), take(":"), let minutes = number(2) else { return nil }
            shift = (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
        guard rest.isEmpty else { return nil }
        let seconds = Int64(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - shift)
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(Int64(nanoseconds))
        return overflow || carry ? nil : sum
    }

    /// Days since 1 January 1970 in the Gregorian calendar; years begin in March, so that leap days come last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
