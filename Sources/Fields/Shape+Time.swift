public import ExportCore
import YAML

extension Shape where Value == Timestamp {
    /// An instant with its time zone, or a date.
    public static var timestamp: Shape<Timestamp> {
        Shape(
            scalar: "a time such as 2026-03-01T12:00:00Z, or a date such as 2026-03-01",
            schema: ["type": .text("string"), "pattern": .text(RFC3339.pattern)],
            parse: { scalar in scalar.meaning == .text ? RFC3339.parse(scalar.text) : nil },
            write: { .text($0.exactRFC3339) },
            hint: { scalar in
                RFC3339.parse(scalar.text + "Z") == nil ? nil : "Say which time zone is meant: Z for UTC, or an offset such as +01:00."
            }
        )
    }
}
