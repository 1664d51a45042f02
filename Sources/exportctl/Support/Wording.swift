import ExportCore

/// Quantities as people read them.
enum Wording {
    /// A size, such as `1.2 GiB`.
    static func bytes(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if abs(value) < 1_024 { return unit == "B" ? "\(bytes) B" : "\(oneDecimal(value)) \(unit)" }
            value /= 1_024
        }
        return "\(oneDecimal(value)) PiB"
    }

    /// A number with one decimal.
    static func oneDecimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return String(value) }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// A count with its noun.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
