/// Numbers as the page shows them: a point, thousands apart by a narrow space that no line breaks at, the same in every locale.
enum NumberText {
    /// What stands where there is no number.
    static let none = "–"

    /// What stands between thousands.
    static let separator: Character = "\u{202F}"

    /// A whole number, such as `59 410`.
    static func whole(_ value: Int) -> String { grouped(String(value)) }

    /// A number with a fixed count of decimals (0 to 9), such as `1 033.30`.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let text = plain(value, decimals)
        guard let point = text.firstIndex(of: ".") else { return grouped(text) }
        return text.contains("e") ? text : grouped(String(text[..<point])) + text[point...]
    }

    /// Digits, maybe with a sign in front, with their thousands apart.
    private static func grouped(_ digits: String) -> String {
        guard digits.utf8.count > 3, digits.last?.isNumber == true else { return digits }
        var text = ""
        for (place, digit) in digits.reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3), digit != "-" { text.append(separator) }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// A number with a fixed count of decimals and nothing between its digits, as drawings want it.
    static func plain(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return none }
        var scale = 1.0
        for _ in 0..<max(0, min(9, decimals)) { scale *= 10 }
        let scaled = (value * scale).rounded()
        // Beyond this a double has no decimals to show, and the integer below might not hold it.
        guard abs(scaled) < 9e15 else { return String(describing: value) }
        let whole = Int64(abs(scaled))
        let (units, fraction) = whole.quotientAndRemainder(dividingBy: Int64(scale))
        let sign = scaled < 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(units) }
        let digits = String(fraction)
        return "\(sign)\(units)." + String(repeating: "0", count: max(0, decimals - digits.count)) + digits
    }

    /// The same for a number that may be missing.
    static func fixed(_ value: Double?, _ decimals: Int) -> String {
        value.map { fixed($0, decimals) } ?? none
    }

    /// A count, or what stands where nothing was counted.
    static func count(_ value: Int?) -> String {
        value.map(whole) ?? none
    }

    /// A part of one as per cent, such as `0.52`.
    static func percent(_ ratio: Double?) -> String {
        fixed(ratio.map { $0 * 100 }, 2)
    }

    /// A count with its noun: `1 frame`, `2 frames`.
    static func counted(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(whole(count)) \(noun)s"
    }

    /// Where something lies in a plot: a tenth of a unit is finer than any screen shows it.
    static func place(_ value: Double) -> String {
        let text = plain(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
