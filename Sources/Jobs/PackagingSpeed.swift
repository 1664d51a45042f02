import Synchronization

/// How fast packages were made last, for jobs that have not begun to package.
public final class PackagingSpeed: Sendable {
    /// What all jobs of this process share.
    public static let ofThisProcess = PackagingSpeed()

    private let weight: Mutex<Double>

    /// A speed to begin with, in the progress meter's weights a second: half a byte each, as for 150 MB a second, which is what a
    /// core or two compress and hash.
    public init(weightPerSecond: Double = 75_000_000) {
        weight = Mutex(weightPerSecond)
    }

    /// The speed.
    public var weightPerSecond: Double { weight.withLock { $0 } }

    /// Takes over what a job measures.
    func note(_ measured: Double) {
        guard measured.isFinite, measured > 0 else { return }
        weight.withLock { $0 = measured }
    }
}
