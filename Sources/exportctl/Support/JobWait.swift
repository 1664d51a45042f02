import ExportCore
import Files
import Sidecars

/// Waits for the end of the job of a request, by its sidecar.
struct JobWait {
    /// The request's place.
    let place: InboxPlace
    /// A job whose sidecar is from before, and does not count.
    var previous: JobID?
    /// How long to wait at most; for ever where nil.
    var timeout: Duration?
    /// What shows how far the job is; nobody where nil.
    var display: ProgressDisplay?

    /// How long a request may be gone from the inbox before its sidecar must be there.
    private static let claimLimit = Duration.seconds(10)
    /// After how long a request that nobody takes is worth a remark.
    private static let remarkAfter = Duration.seconds(15)

    /// Waits.
    ///
    /// - Returns: The job's last status.
    /// - Throws: `ExportError`: `timed_out`, or `io_error` where nothing is known of the request.
    func run() async throws -> StatusDocument {
        let clock = ContinuousClock()
        let start = clock.now
        var missingSince: ContinuousClock.Instant?
        var ended: JobID?
        var remarked = false
        defer { display?.finish() }
        while true {
            let isWaiting = try place.look().isWaiting
            let status = isWaiting ? nil : try place.status().flatMap { $0.job == previous ? nil : $0 }
            if let timeout, clock.now - start >= timeout, status?.state.isTerminal != true {
                throw ExportError(
                    .timedOut,
                    "The request \(place.label) has not ended after \(timeout.components.seconds) s.",
                    hint: "The job goes on; wait for it again with `exportctl wait \(place.label)`.",
                    retryable: true
                )
            }
            if let status {
                missingSince = nil
                display?.show(status.progress, state: status.state, queuePosition: status.queuePosition)
                if status.state.isTerminal {
                    // Between the claim of a new request of this name and its first sidecar the old one is still there; so
                    // an end is believed when it is seen twice.
                    if ended == status.job || previous != nil { return status }
                    ended = status.job
                }
            } else if isWaiting {
                missingSince = nil
                if !remarked, clock.now - start > Self.remarkAfter {
                    remarked = true
                    display?.interrupt()
                    Output.note("The request \(place.label) has not been taken yet. Is exportd running on this spool?")
                }
            } else {
                let since = missingSince ?? clock.now
                missingSince = since
                if clock.now - since > Self.claimLimit {
                    throw ExportError(
                        .ioError,
                        "Nothing is known of a request named \(place.label): neither it nor its status is in \(place.folder).",
                        hint: "Look for it with `exportctl status`, and in the spool's folder rejected/."
                    )
                }
            }
            try await Task.sleep(for: clock.now - start < .seconds(5) ? .milliseconds(200) : .seconds(1))
        }
    }
}
