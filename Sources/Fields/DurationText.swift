/// Lengths of time as people write them: `30s`, `24h`, `1h30m`, `0.5s`, `7d`.
public enum DurationText {
    /// The units with their lengths in nanoseconds, the longest first.
    static let units: [(name: String, nanoseconds: Int64)] = [
        ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    /// A regular expression for lengths of time, for schemas.
    static let pattern = "^([0-9]+(\\.[0-9]+)?(w|d|h|ms|m|s|us|ns))+$"

    /// The length in nanoseconds, or nil where the text is not numbers each followed by a unit, or exceeds 292 years.
    public static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest[number.endIndex...]
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[name.endIndex...]
            guard let unit = units.first(where: { $0.name == name }), let part = scaled(number, by: unit.nanoseconds) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }

    /// The length with the units that it needs, such as 1h30m; reads back as the same length.
    ///
    /// Negative lengths have no such text and are written as 0s.
    public static func text(nanoseconds: Int64) -> String {
        guard nanoseconds > 0 else { return "0s" }
        var rest = nanoseconds
        var text = ""
        for unit in units where unit.name != "w" && rest >= unit.nanoseconds {
            text += "\(rest / unit.nanoseconds)\(unit.name)"
            rest %= unit.nanoseconds
        }
        return text
    }
}

extension Duration {
    /// The length in whole nanoseconds, limited to what 64 bits hold.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooBig) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || tooBig ? (seconds < 0 ? .min : .max) : sum
    }
}
