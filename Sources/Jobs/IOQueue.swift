@preconcurrency import Dispatch

/// Where blocking file operations run: one after another, on a thread that is not one of those on which everything else
/// runs.
///
/// A network file system whose server is away blocks this queue for as long as it likes, and nothing else.
public struct IOQueue: Sendable {
    private let queue: DispatchQueue

    /// A queue with a name for debuggers.
    public init(_ name: String) {
        queue = DispatchQueue(label: "exportd.\(name)")
    }

    /// Runs an operation on the queue and waits for it without holding a thread.
    public func run<Value: Sendable>(_ operation: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try operation() }) }
        }
    }
}
