/// Numbers and instants as people read them, the same in every locale.
enum Words {
    /// `2026-11-22 17:15` of an RFC 3339 instant.
    static func minute(_ rfc3339: String) -> String {
        String(rfc3339.prefix(16)).split(separator: "T").joined(separator: " ")
    }

    /// A percentage with one decimal.
    static func percent(_ value: Double) -> String {
        guard value.isFinite else { return "0.0" }
        return tenths(min(100, max(0, value)))
    }

    /// A size with the unit in which it is short: `1.5 GB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
        var value = Double(count)
        guard abs(value) >= 1000 else { return "\(count) B" }
        var unit = -1
        while abs(value) >= 1000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return "\(tenths(value)) \(units[unit])"
    }

    private static func tenths(_ value: Double) -> String {
        let scaled = Int64((value * 10).rounded())
        return "\(scaled < 0 ? "-" : "")\(abs(scaled) / 10).\(abs(scaled) % 10)"
    }
}
