import Synchronization

private let counter = Atomic<UInt64>(0)

/// A number that no other call in this process has returned.
func uniqueNumber() -> UInt64 {
    counter.wrappingAdd(1, ordering: .relaxed).oldValue
}
