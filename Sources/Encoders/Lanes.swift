import Dispatch
import Synchronization

/// Work that is done by several threads side by side.
enum Lanes {
    /// Values that are each used by one thread only, although the compiler cannot see it.
    private struct Handed<Value>: @unchecked Sendable {
        let values: [Value]
    }

    /// Calls `body` for each value on a thread of its own, and waits for all.
    ///
    /// - Throws: the failure of the first lane, in their order, that failed.
    static func run<Value>(_ values: [Value], _ body: (Value) throws -> Void) throws {
        guard values.count > 1 else { return try values.forEach(body) }
        let failures = Mutex<[Int: any Error]>([:])
        let handed = Handed(values: values)
        withoutActuallyEscaping(body) { body in
            let work = Handed(values: [body])
            DispatchQueue.concurrentPerform(iterations: values.count) { lane in
                do {
                    try work.values[0](handed.values[lane])
                } catch {
                    failures.withLock { $0[lane] = error }
                }
            }
        }
        if let first = failures.withLock({ $0.min { $0.key < $1.key }?.value }) { throw first }
    }
}

/// A number that several threads count up.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    /// Counts one up.
    ///
    /// - Returns: the new value.
    func increment() -> Int {
        value.add(1, ordering: .relaxed).newValue
    }
}
