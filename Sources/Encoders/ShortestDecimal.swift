/// The shortest decimal that reads back as a number, for numbers of everyday size.
///
/// The standard library writes the same digits for every number; a table of numbers spends most of its time there, and these take
/// a sixth of it. For numbers from 2⁻¹⁰ to 2⁵² all products fit 128 bits, so that nothing is approximated. The search is that of
/// R. Giulietti, "The Schubfach way to render doubles" (2020): of the decimals that round to the number, on the finest grid that is
/// coarser than the numbers' own or on the one that is ten times as coarse, the nearest.
struct ShortestDecimal {
    /// The number is `digits` times ten to the power of `exponent`, from -19 to 1; there may be zeros at the end of the digits.
    let digits: UInt64
    let exponent: Int
    /// How many digits there are, at most 17.
    let count: Int

    /// Powers of ten up to the largest that 64 bits hold.
    private static let powers: [UInt64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// - Returns: nil where the number is not of everyday size.
    init?(_ number: Double) {
        let magnitude = number.magnitude
        guard magnitude >= 0x1p-10, magnitude < 0x1p52 else { return nil }
        let significand = magnitude.bitPattern & (1 << 52 - 1) | 1 << 52
        self.init(significand, exponent: Int(magnitude.bitPattern >> 52) - 1_075, isPowerOfTwo: significand == 1 << 52)
    }

    /// - Returns: nil where the number is not of everyday size.
    init?(_ number: Float) {
        let magnitude = number.magnitude
        guard magnitude >= 0x1p-10, magnitude < 0x1p23 else { return nil }
        let significand = UInt64(magnitude.bitPattern & (1 << 23 - 1) | 1 << 23)
        self.init(significand, exponent: Int(magnitude.bitPattern >> 23) - 150, isPowerOfTwo: significand == 1 << 23)
    }

    /// - Parameters:
    ///   - exponent: from -62 to -1: the number is the significand times two to its power.
    ///   - isPowerOfTwo: whether the next smaller number is only half as far away as the next larger one.
    private init(_ significand: UInt64, exponent binary: Int, isPowerOfTwo: Bool) {
        // The power of ten of the grid: the logarithm of the gap between numbers, or of three quarters of it, rounded down.
        let grid = (binary * 1_262_611 - (isPowerOfTwo ? 524_031 : 0)) >> 22
        let power = Self.powers[-grid]
        // In quarters of the grid's steps: the number and the ends of what rounds to it.
        let value = Product(significand * 4, power).shifted(-binary)
        let isOdd = significand & 1
        let lower = Product(significand * 4 - (isPowerOfTwo ? 1 : 2), power).shifted(-binary) + isOdd
        let upper = Product(significand * 4 + 2, power).shifted(-binary) - isOdd
        let below = value / 4
        let coarse = below / 10
        // Which of the cases it is can't be foreseen, so all are worked out, without a branch.
        let (coarseBelow, coarseAbove) = (lower <= 40 * coarse, 40 * coarse + 40 <= upper)
        let (isBelowIn, isAboveIn) = (lower <= 4 * below, 4 * below + 4 <= upper)
        let isUpperHalf = value + (below & 1) > 4 * below + 2
        let isUp = isBelowIn != isAboveIn ? isAboveIn : isUpperHalf
        let fine = below + (isUp ? 1 : 0)
        let isCoarse = (coarseBelow != coarseAbove) == (below >= 10) ? below >= 10 : false
        digits = isCoarse ? coarse + (coarseAbove ? 1 : 0) : fine
        exponent = grid + (isCoarse ? 1 : 0)
        // 1,233 / 4,096 is the logarithm of 2, nearly enough for 64 bits.
        let least = ((64 - digits.leadingZeroBitCount) * 1_233) >> 12
        count = least + (digits >= Self.powers[least] ? 1 : 0)
    }

    /// The digits as those of a number of 17, with zeros behind them.
    var seventeen: UInt64 { digits &* Self.powers[17 - count] }

    /// A product of 128 bits.
    private struct Product {
        private let high: UInt64
        private let low: UInt64

        init(_ first: UInt64, _ second: UInt64) { (high, low) = first.multipliedFullWidth(by: second) }

        /// The product without its lowest bits; odd where any of those was set, so that comparisons still see it.
        ///
        /// - Parameter bits: from 1 to 63.
        func shifted(_ bits: Int) -> UInt64 {
            (high &<< (64 - bits) | low &>> bits) | (low & (1 &<< bits - 1) == 0 ? 0 : 1)
        }
    }
}
