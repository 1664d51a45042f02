/// A rate in ticks a second, exact to a millionth of a hertz, so that the time of a tick is an integer computation.
public struct Hertz: Hashable, Comparable, Sendable {
    /// Millionths of a hertz: 30 Hz is 30,000,000.
    ///
    /// Always positive.
    public let microhertz: Int64

    /// A rate in millionths of a hertz, or nil where it is not positive or above 1 MHz.
    public init?(microhertz: Int64) {
        guard microhertz > 0, microhertz <= 1_000_000_000_000 else { return nil }
        self.microhertz = microhertz
    }

    /// A rate from a decimal number such as 29.97, rounded to a millionth; nil where it is not positive, not finite or
    /// above 1 MHz.
    public init?(_ value: Double) {
        guard value.isFinite, value > 0, value <= 1_000_000 else { return nil }
        self.init(microhertz: Int64((value * 1_000_000).rounded()))
    }

    /// The rate as a floating-point number, for display and for formats that hold it so.
    public var value: Double { Double(microhertz) / 1_000_000 }

    /// Whether the rate is a whole number of hertz.
    public var isWhole: Bool { microhertz % 1_000_000 == 0 }

    /// Slower rates sort first.
    public static func < (left: Hertz, right: Hertz) -> Bool {
        left.microhertz < right.microhertz
    }
}

extension Hertz: CustomStringConvertible {
    /// The rate without needless zeros, such as `30` or `29.97`.
    public var description: String {
        isWhole ? String(microhertz / 1_000_000) : String(value)
    }
}

extension Hertz: Codable {
    /// Reads millionths of a hertz.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let microhertz = try container.decode(Int64.self)
        guard let rate = Hertz(microhertz: microhertz) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a rate must be positive, found \(microhertz) µHz")
        }
        self = rate
    }

    /// Writes millionths of a hertz.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microhertz)
    }
}
