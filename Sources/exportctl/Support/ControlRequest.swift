import ArgumentParser
import Configuration
import ExportCore
import Files
import Requests
import Sidecars
import Spool

/// A change that only the daemon makes: a request of its own kind that is dropped into the inbox, so that the kernel's word
/// on the file's owner says who asks, and whose answer is waited for.
struct ControlRequest {
    let request: Request
    let site: SiteConfiguration
    let timeout: Duration

    /// Drops the request, waits for its answer and prints that.
    func run(json: Bool) async throws {
        let id = JobID.new(at: .now())
        let place = try InboxPlace("\(request.kind.rawValue)-\(id)", in: SpoolLayout(root: site.spool))
        let previous = try place.submit(Array(RequestParser.text(request).utf8))
        let status: StatusDocument
        do {
            status = try await JobWait(place: place, previous: previous, timeout: timeout).run()
        } catch let error as ExportError where error.code == .timedOut {
            throw ExportError(
                .timedOut,
                "The daemon has not answered the request \(place.label).",
                hint: "Is exportd running on \(site.spool)? The request stays in the inbox until it is taken."
            )
        }
        if json { return try JobReport.printEnd(status, json: true) }
        for warning in status.warnings { Output.line(warning.message) }
        if status.state == .completed {
            if status.warnings.isEmpty { Output.line("Done.") }
            return
        }
        if let error = status.error { Output.error(error) }
        throw ExitCode(status.error.map { ExitStatus.code(for: $0.code) } ?? ExitStatus.failed)
    }
}
