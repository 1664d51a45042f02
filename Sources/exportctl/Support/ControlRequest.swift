import ArgumentParser
import Configuration
import ExportCore
import Files
import Glibc
import Jobs
import Logging
import Requests
import Sidecars
import Spool

/// A change, or a question that only the daemon can answer: a request of its own kind that is dropped into the inbox, so that
/// the kernel's word on the file's owner says who asks, and whose answer is waited for.
///
/// While no daemon runs, root and the daemon's account take the spool's lock and do the same on the ledger themselves.
struct ControlRequest {
    let request: Request
    let site: SiteConfiguration
    let timeout: Duration

    /// Carries the request out and prints the answer.
    func run(json: Bool) async throws {
        let status = try await answer()
        if json { return try JobReport.printEnd(status, json: true) }
        for warning in status.warnings { Output.line(warning.message) }
        try Self.check(status)
        if status.warnings.isEmpty { Output.line("Done.") }
    }

    /// Carries the request out and gives the file that it is answered with.
    ///
    /// - Parameter limit: the most bytes that it may have.
    func file(limit: Int = 1 << 30) async throws -> [UInt8] {
        let status = try await answer()
        try Self.check(status)
        guard let name = status.exports.first?.file else {
            throw ExportError(.internal, "The request \(status.request) is completed and names no file.")
        }
        return try FileSystem.read("\(site.spool)/outbox/\(status.job)/\(name)", limit: limit)
    }

    /// Ends the program where a request has not completed, after saying why.
    private static func check(_ status: StatusDocument) throws {
        guard status.state != .completed else { return }
        if let error = status.error { Output.error(error) }
        throw ExitCode(status.error.map { ExitStatus.code(for: $0.code) } ?? ExitStatus.failed)
    }

    /// Carries the request out.
    ///
    /// - Returns: Its last status.
    func answer() async throws -> StatusDocument {
        let name = "\(request.kind.rawValue)-\(JobID.new(at: .now()))"
        if let status = try await withoutDaemon(name) { return status }
        let place = try InboxPlace(name, in: SpoolLayout(root: site.spool))
        let previous = try place.submit(Array(RequestParser.text(request).utf8))
        do {
            return try await JobWait(place: place, previous: previous, timeout: timeout).run()
        } catch let error as ExportError where error.code == .timedOut {
            throw ExportError(
                .timedOut,
                "The daemon has not answered the request \(place.label).",
                hint: "Is exportd running on \(site.spool)? The request stays in the inbox until it is taken."
            )
        }
    }

    /// Does it on the ledger; nil where a daemon runs, or the caller may not.
    private func withoutDaemon(_ name: String) async throws -> StatusDocument? {
        let caller = getuid()
        guard let owner = try? FileSystem.status(of: SpoolLayout(root: site.spool).claimed).user, caller == 0 || caller == owner else {
            return nil
        }
        // What root leaves in the daemon's folders would lock out the daemon.
        if geteuid() == 0, owner != 0 { try Self.become(owner) }
        var logger = Logger(label: "exportctl") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let service: DirectService
        do {
            service = try DirectService(configuration: site, logger: logger)
        } catch let error as SpoolError where error.kind == .inUse {
            return nil
        }
        return try await service.run(request, name: "\(name).yaml", owner: caller)
    }

    /// Takes the daemon's account for the rest of the program.
    private static func become(_ user: UInt32) throws(ExportError) {
        guard let entry = getpwuid(user) else {
            throw ExportError(.ioError, "The spool belongs to uid \(user), which has no account on this machine.", retryable: false)
        }
        let (name, group) = (String(cString: entry.pointee.pw_name), entry.pointee.pw_gid)
        guard initgroups(name, group) == 0, setgid(group) == 0, setuid(user) == 0 else {
            throw ExportError(.ioError, "The account \(name) of the daemon could not be taken.", retryable: false)
        }
    }
}
