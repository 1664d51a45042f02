import Synchronization

/// A flag that stops long work: set once, from any thread or a signal handler, and looked at in every loop over messages
/// or frames.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    /// A flag that is not set.
    public init() {}

    /// Asks the work to stop.
    ///
    /// Safe in a signal handler.
    public func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    /// Whether the work was asked to stop.
    public var isCancelled: Bool {
        flag.load(ordering: .relaxed)
    }

    /// - Throws: `CancellationError` once the work was asked to stop.
    public func check() throws(CancellationError) {
        if isCancelled { throw CancellationError() }
    }
}
