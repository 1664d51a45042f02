import ArgumentParser
import Configuration
import ExportCore
import Files
import Glibc
import Jobs
import Ledger
import Requests
import Sidecars
import Spool

/// What the ledger says of history, quota and statistics, with the rights of the caller: read where the caller may open it,
/// else asked for through the spool.
struct ServiceBook {
    private let site: SiteConfiguration
    private let identity: Identity

    init(_ site: SiteConfiguration) {
        self.site = site
        identity = .caller(site)
    }

    /// Earlier jobs, as the request wants them written.
    func history(_ request: HistoryRequest, timeout: Duration) async throws -> [UInt8] {
        guard let ledger = try ledger() else {
            return try await ControlRequest(request: .history(request), site: site, timeout: timeout).file()
        }
        var filter = HistoryFilter(request.filter)
        filter.visibility = identity.visibility
        let history = History(try ledger.history(filter), outbox: SpoolLayout(root: site.spool).outbox)
        switch request.output {
        case .json: return try history.json()
        case .csv: return history.csv()
        case .table: return history.table()
        case .statistics: return try await statistics(request.filter, timeout: timeout).json()
        }
    }

    /// One user's usage, by default the caller's; `system` is that of all.
    func quota(of user: String?, timeout: Duration) async throws -> [QuotaDocument] {
        let name = user ?? identity.name
        if name != identity.name { try administratorsOnly("see the quota of \(name)") }
        guard let ledger = try ledger() else {
            var request = QuotaRequest(.show)
            request.user = user
            return try await ask(request, timeout: timeout)
        }
        let usage = try QuotaScope(name) == .system ? ledger.systemUsage(site.quota) : ledger.usage(of: name, site.quota)
        return [document(usage)]
    }

    /// Everyone's usage, and that of all.
    func quotas(timeout: Duration) async throws -> [QuotaDocument] {
        try administratorsOnly("list quotas")
        guard let ledger = try ledger() else { return try await ask(QuotaRequest(.list), timeout: timeout) }
        return try ledger.allUsage(site.quota).map(document) + [document(ledger.systemUsage(site.quota))]
    }

    /// What jobs came to.
    func statistics(_ conditions: HistoryConditions, timeout: Duration) async throws -> JobStatistics {
        try administratorsOnly("see the statistics")
        guard let ledger = try ledger() else {
            var request = HistoryRequest()
            request.filter = conditions
            request.output = .statistics
            return try JobStatistics(json: try await ControlRequest(request: .history(request), site: site, timeout: timeout).file())
        }
        return try ledger.statistics(from: conditions.from, to: conditions.to)
    }

    /// Only administrators may do that.
    func administratorsOnly(_ deed: String) throws(ExportError) {
        guard identity.role != .administrator else { return }
        throw ExportError(.notPermitted, "\(identity.name) may not \(deed).", hint: "Ask an administrator.")
    }

    private func document(_ usage: QuotaUsage) -> QuotaDocument {
        QuotaDocument(user: usage.user ?? "system", StatusDocument.Quota(usage), updatedAt: Timestamp.now().rfc3339)
    }

    private func ask(_ request: QuotaRequest, timeout: Duration) async throws -> [QuotaDocument] {
        try QuotaDocument.list(json: try await ControlRequest(request: .quota(request), site: site, timeout: timeout).file())
    }

    /// The ledger, or nil where the caller may not open it.
    private func ledger() throws -> Ledger? {
        guard access(site.ledger, R_OK) == 0 else {
            guard errno == EACCES || errno == ENOENT else { throw FileError("read", site.ledger, errno: errno) }
            return nil
        }
        return try Ledger.readOnly(path: site.ledger)
    }
}
