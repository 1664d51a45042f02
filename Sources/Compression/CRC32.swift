internal import CISAL

/// The checksum of zlib, gzip, PNG and MCAP: CRC-32 with the reflected polynomial 0xEDB88320, computed by ISA-L with the
/// widest carry-less multiplication that the processor has.
public struct CRC32: Sendable {
    /// The checksum of the bytes so far; 0 before the first.
    public private(set) var value: UInt32 = 0

    /// A checksum of no bytes yet.
    public init() {}

    /// The checksum of some bytes, known already.
    init(value: UInt32) {
        self.value = value
    }

    /// Continues the checksum over further bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        value = crc32_gzip_refl(value, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }

    /// Continues the checksum over further bytes.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Continues the checksum over further bytes of which the checksum is known already.
    ///
    /// A checksum is a remainder of polynomials over GF(2): that of bytes followed by `count` others is its own times x^(8·count),
    /// plus theirs. It takes the same few hundred steps however many bytes there are.
    ///
    /// - Parameters:
    ///   - checksum: theirs.
    ///   - count: how many they are.
    public mutating func append(_ checksum: UInt32, ofBytes count: Int) {
        var factor = Self.one
        var (rest, square) = (UInt64(max(count, 0)), 3)
        while rest > 0 {
            if rest & 1 != 0 { factor = Self.product(Self.squares[square & 31], factor) }
            rest >>= 1
            square += 1
        }
        value = Self.product(factor, value) ^ checksum
    }

    /// The polynomial 1; the highest bit is the lowest power.
    private static let one: UInt32 = 1 << 31

    /// x^(2^n) for each n; the powers repeat after 32 of them.
    private static let squares: [UInt32] = {
        var squares: [UInt32] = [one >> 1]
        while squares.count < 32 { squares.append(product(squares[squares.count - 1], squares[squares.count - 1])) }
        return squares
    }()

    /// The product of two polynomials, modulo the checksum's own.
    private static func product(_ first: UInt32, _ second: UInt32) -> UInt32 {
        var (result, term, bit) = (UInt32(0), second, one)
        while bit > 0 {
            if first & bit != 0 { result ^= term }
            term = term & 1 != 0 ? term >> 1 ^ 0xEDB8_8320 : term >> 1
            bit >>= 1
        }
        return result
    }

    /// As many bytes as `afterZeros` counts by.
    static let stretch = 8192

    /// What a remainder becomes over zeros: its product with x^(8·8192) for each stretch, put together from those of its four bytes.
    static func afterZeros(_ remainder: UInt32, stretches: Int) -> UInt32 {
        zeros.withUnsafeBufferPointer { products in
            var value = remainder
            for _ in 0..<stretches {
                value =
                    products[Int(value & 255)] ^ products[256 + Int(value >> 8 & 255)] ^ products[512 + Int(value >> 16 & 255)]
                    ^ products[768 + Int(value >> 24)]
            }
            return value
        }
    }

    /// The products of all values of a remainder's lowest byte, then of the others.
    private static let zeros: [UInt32] = (0..<1024 as Range<UInt32>).map { product(squares[16], ($0 & 255) << ($0 >> 8 * 8)) }

    /// The checksum of some bytes.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = CRC32()
        checksum.update(bytes)
        return checksum.value
    }

    /// The checksum of some bytes.
    public static func of(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { of($0) }
    }
}
