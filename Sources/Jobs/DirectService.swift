public import Configuration
import ExportCore
import Files
import Ledger
public import Logging
public import Requests
public import Sidecars
import Spool

/// Carries out one request about jobs, queue or quota while no daemon runs: on the same ledger, by the same rules, and
/// entered there like any other.
public struct DirectService: Sendable {
    private let office: Office
    private let lock: SpoolLock

    /// Takes the spool's lock and opens the ledger.
    ///
    /// - Throws: `SpoolError` of kind `inUse` where a daemon runs, or what keeps spool or ledger from being used.
    public init(configuration: SiteConfiguration, logger: Logger) throws {
        let layout = SpoolLayout(root: configuration.spool)
        try layout.check()
        lock = try SpoolLock(layout)
        let ledger = try Ledger(path: configuration.ledger, allowNetworkFileSystem: configuration.allowNetworkLedger)
        office = Office(
            ledger: ledger,
            configuration: configuration,
            // Nothing is planned or encoded here, so no worker is ever started.
            pool: WorkerPool(settings: WorkerSettings(executable: "export-worker"), width: 1),
            logger: logger,
            now: { .now() }
        )
    }

    /// Carries out a request.
    ///
    /// - Parameters:
    ///   - name: The request's name for the history.
    ///   - owner: Who asks.
    /// - Returns: The request's status once it has ended.
    public func run(_ request: Request, name: String, owner: UInt32) async throws -> StatusDocument {
        let id = JobID.new(at: .now())
        let text = Array(RequestParser.text(request).utf8)
        if case .immediate = try await Admission(office: office).enter(id, name: name, text: text, request, owner: owner) {
            let control = JobControl(office: office) { _ in }
            await JobDrive(office: office, control: control, backoff: Backoff(), flag: StopFlag()) { _ in }.run(id)
        }
        await office.quotaBoard.write(office)
        guard let job = try await office.onLedger({ try $0.job(id) }) else {
            throw ExportError(.internal, "The ledger does not hold the request \(name) that it has just taken.")
        }
        try await office.onLedger { try $0.close() }
        return job.status()
    }
}
