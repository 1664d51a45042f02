public import ExportCore
import YAML

extension Shape where Value == Int {
    /// A whole number.
    public static func integer(_ range: ClosedRange<Int>) -> Shape<Int> {
        Shape(
            scalar: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            schema: [
                "type": .text("integer"), "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound)),
            ],
            parse: { scalar in
                guard case .integer(let value) = scalar.meaning, let value = Int(exactly: value), range.contains(value) else { return nil }
                return value
            },
            write: { .integer(Int64($0)) },
            hint: numberHint
        )
    }
}

extension Shape where Value == Double {
    /// A number, whole or not.
    public static func decimal(_ range: ClosedRange<Double>) -> Shape<Double> {
        Shape(
            scalar: "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))",
            schema: ["type": .text("number"), "minimum": number(range.lowerBound), "maximum": number(range.upperBound)],
            parse: { scalar in scalar.finiteNumber.flatMap { range.contains($0) ? $0 : nil } },
            write: number,
            hint: numberHint
        )
    }
}

extension Shape where Value == Hertz {
    /// A rate in hertz, above zero.
    public static func rate(upTo limit: Double) -> Shape<Hertz> {
        Shape(
            scalar: "a rate in hertz above 0 and up to \(shortest(limit))",
            schema: ["type": .text("number"), "exclusiveMinimum": .integer(0), "maximum": number(limit)],
            parse: { scalar in scalar.finiteNumber.flatMap { $0 <= limit ? Hertz($0) : nil } },
            write: { $0.isWhole ? .integer($0.microhertz / 1_000_000) : .decimal($0.value) },
            hint: numberHint
        )
    }
}

extension Shape where Value == Bool {
    /// `true` or `false`.
    public static var boolean: Shape<Bool> {
        Shape(
            scalar: "true or false",
            schema: ["type": .text("boolean")],
            parse: { scalar in
                guard case .boolean(let value) = scalar.meaning else { return nil }
                return value
            },
            write: { .boolean($0) },
            hint: { scalar in
                switch scalar.text.lowercased() {
                case "true", "yes", "on", "1", "y": "Write true, without quotes."
                case "false", "no", "off", "0", "n": "Write false, without quotes."
                default: nil
                }
            }
        )
    }
}

/// A number as a file would hold it: whole ones without a point.
public func number(_ value: Double) -> FieldValue {
    Int64(exactly: value).map { .integer($0) } ?? .decimal(value)
}

private func shortest(_ value: Double) -> String { number(value).compactJSON }

/// What to do about a text where a number is wanted.
private func numberHint(_ scalar: Scalar) -> String? {
    if !scalar.isPlain, Scalar(scalar.text, isPlain: true).finiteNumber != nil { return "Write the number without quotes." }
    let digits = scalar.text.filter { $0 != "_" && $0 != "," }
    if digits != scalar.text, Scalar(digits, isPlain: true).finiteNumber != nil { return "Write the number without separators: \(digits)." }
    return nil
}
