@preconcurrency import Dispatch
import ExportCore
import Glibc

/// Turns Ctrl-C, SIGTERM and the loss of the terminal into the cancellation of a piece of work, so that it can remove what
/// it left half-done.
enum Interruption {
    /// Runs the work; the first signal cancels it.
    ///
    /// - Throws: What the work throws; an `ExportError` that says so where it was interrupted.
    static func guarding<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task { try await work() }
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { task.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            return try await task.value
        } catch {
            // Whatever stopped the work after a signal, the signal was the cause.
            guard task.isCancelled else { throw error }
            throw ExportError(
                .internal,
                "Interrupted: no package was made.",
                hint: "Run it again; datasets that were done are not done again.",
                retryable: true
            )
        }
    }
}
