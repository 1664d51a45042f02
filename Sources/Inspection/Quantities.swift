import ExportCore

/// Quantities as people read them.
enum Quantities {
    /// A size, such as `1.2 GiB`.
    static func bytes(_ bytes: UInt64) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if value < 1_024 { return unit == "B" ? "\(bytes) B" : "\(decimal(value, places: 1)) \(unit)" }
            value /= 1_024
        }
        return "\(decimal(value, places: 1)) PiB"
    }

    /// A number with its thousands apart.
    static func count(_ count: UInt64) -> String {
        let digits = String(count)
        var result = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return result
    }

    /// A count with its noun.
    static func count(_ count: UInt64, _ noun: String) -> String {
        "\(self.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// Nanoseconds as seconds, minutes or hours, with as many digits as help: `3.2 ms`, `7.91 s`, `1 m 49.9 s`, `2 h 03 m`, `4 d 07 h`.
    static func duration(_ nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        switch nanoseconds {
        case 0: return "0 s"
        case ..<1_000: return "\(nanoseconds) ns"
        case ..<1_000_000: return "\(decimal(Double(nanoseconds) / 1e3, places: 1)) µs"
        case ..<1_000_000_000: return "\(decimal(Double(nanoseconds) / 1e6, places: 1)) ms"
        case ..<60_000_000_000: return "\(decimal(Double(nanoseconds) / 1e9, places: 2)) s"
        default: break
        }
        switch seconds {
        case ..<3_600: return "\(seconds / 60) m \(decimal(Double(nanoseconds % 60_000_000_000) / 1e9, places: 1)) s"
        case ..<86_400: return "\(seconds / 3_600) h \(two(seconds / 60 % 60)) m"
        default: return "\(seconds / 86_400) d \(two(seconds / 3_600 % 24)) h"
        }
    }

    /// A number with a fixed number of decimals, cut so that 59.99 s never reads 60.0 s.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return String(value) }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = UInt64(abs(value) * scale)
        let fraction = String(scaled % UInt64(scale))
        let digits = String(repeating: "0", count: max(0, places - fraction.count)) + fraction
        return "\(value < 0 && scaled > 0 ? "-" : "")\(scaled / UInt64(scale))\(places > 0 ? "." + digits : "")"
    }

    /// An instant for people: RFC 3339, or the bare number where that is no time of this calendar.
    static func instant(_ nanoseconds: UInt64) -> String? {
        Int64(exactly: nanoseconds).map { Timestamp(nanoseconds: $0).exactRFC3339 }
    }

    private static func two(_ value: UInt64) -> String { value < 10 ? "0\(value)" : String(value) }
}
