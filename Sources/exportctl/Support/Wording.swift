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

    /// A time in seconds, such as `3 m 20 s`.
    static func seconds(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(seconds, 0)) s"
        case ..<3_600: "\(seconds / 60) m \(seconds % 60) s"
        default: "\(seconds / 3_600) h \(seconds / 60 % 60) m"
        }
    }

    /// A time that is left, in seconds.
    static func left(_ count: Int) -> String {
        "\(count < 1 ? "less than 1 s" : seconds(count)) left"
    }

    /// A count with its noun.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
