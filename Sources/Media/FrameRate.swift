import CFFmpeg
import ExportCore

extension Hertz {
    /// The highest rate that a video can have here: 1000 Hz.
    static let videoMaximum: Int64 = 1_000_000_000

    /// The rate as a reduced fraction of frames a second, or nil where no video has such a rate.
    var fraction: AVRational? {
        guard microhertz <= Self.videoMaximum else { return nil }
        var divisor = microhertz
        var rest: Int64 = 1_000_000
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        // Both fit: neither is above one milliard.
        return AVRational(num: Int32(microhertz / divisor), den: Int32(1_000_000 / divisor))
    }
}

extension AVRational {
    /// Numerator and denominator exchanged.
    var inverse: AVRational { AVRational(num: den, den: num) }

    /// Whether two reduced or unreduced fractions have the same value.
    func equals(_ other: AVRational) -> Bool {
        Int64(num) * Int64(other.den) == Int64(other.num) * Int64(den)
    }
}
