import YAML

extension Shape where Value == Int64 {
    /// A size in bytes, with a unit.
    public static func size(_ range: ClosedRange<Int64>) -> Shape<Int64> {
        Shape(
            scalar: "a size with a unit, such as 512MiB, from \(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))",
            schema: ["type": .text("string"), "pattern": .text(ByteSize.pattern)],
            parse: { scalar in
                guard scalar.meaning == .text, let bytes = ByteSize.parse(scalar.text), range.contains(bytes) else { return nil }
                return bytes
            },
            write: { .text(ByteSize.text($0)) },
            hint: { scalar in
                if scalar.finiteNumber != nil { return "Write the unit behind the number: \(scalar.text.prefix(40))B for bytes." }
                let unit = scalar.text.drop { $0.isNumber || $0 == "." || $0 == " " }
                let names = ByteSize.units.map(\.name)
                if names.contains(String(unit)), scalar.text.contains(" ") { return "Write the unit without a space." }
                guard !names.contains(String(unit)) else { return nil }
                return "The units are \(names.reversed().joined(separator: ", "))."
            }
        )
    }
}

extension Shape where Value == Duration {
    /// A length of time, with units.
    public static func duration(_ range: ClosedRange<Duration>) -> Shape<Duration> {
        let least = DurationText.text(nanoseconds: range.lowerBound.wholeNanoseconds)
        let most = DurationText.text(nanoseconds: range.upperBound.wholeNanoseconds)
        return Shape(
            scalar: "a length of time with a unit, such as 30s or 24h, from \(least) to \(most)",
            schema: ["type": .text("string"), "pattern": .text(DurationText.pattern)],
            parse: { scalar in
                guard scalar.meaning == .text, let nanoseconds = DurationText.parse(scalar.text) else { return nil }
                let duration = Duration.nanoseconds(nanoseconds)
                return range.contains(duration) ? duration : nil
            },
            write: { .text(DurationText.text(nanoseconds: $0.wholeNanoseconds)) },
            hint: { scalar in
                if scalar.finiteNumber != nil { return "Write the unit behind the number: \(scalar.text.prefix(40))s for seconds." }
                return DurationText.parse(scalar.text) == nil ? "The units are ns, us, ms, s, m, h, d and w; 1h30m is fine." : nil
            }
        )
    }
}
