/// Wakes one waiting task.
///
/// However often it rings while nobody waits, the next wait returns once.
final class Bell: Sendable {
    private let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Wakes the one that waits, or the next that does.
    func ring() {
        continuation.yield()
    }

    /// Waits until it rings, a time has passed, or the task is cancelled.
    ///
    /// Only one task may wait.
    func wait(atMost limit: Duration?) async {
        let alarm = limit.map { limit in
            Task {
                try await Task.sleep(for: limit)
                ring()
            }
        }
        defer { alarm?.cancel() }
        for await _ in rings { return }
    }
}
