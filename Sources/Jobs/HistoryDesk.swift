import ExportCore
import Formats
public import Ledger
public import Requests
import Spool

/// Carries out requests for what became of earlier jobs.
struct HistoryDesk: Sendable {
    let office: Office

    /// - Returns: `history.json`, `history.csv` or `history.txt`, or `statistics.json`.
    /// - Throws: `ExportError` where the user may not see that.
    func carryOut(_ request: HistoryRequest, by identity: Identity) async throws -> AnswerFile {
        var filter = HistoryFilter(request.filter)
        filter.visibility = identity.visibility
        func jobs() async throws -> History {
            History(try await office.onLedger { [filter] in try $0.history(filter) }, outbox: office.layout.outbox)
        }
        let (name, bytes) =
            switch request.output {
            case .json: ("history.json", try await jobs().json())
            case .csv: ("history.csv", try await jobs().csv())
            case .table: ("history.txt", try await jobs().table())
            case .statistics: ("statistics.json", try await statistics(request.filter, by: identity).json())
            }
        return try AnswerFile("history", name: name, bytes: bytes)
    }

    private func statistics(_ conditions: HistoryConditions, by identity: Identity) async throws -> JobStatistics {
        let permission = Permission(site: office.configuration)
        if let refusal = permission.administratorsOnly(identity, "see the statistics") { throw refusal }
        return try await office.onLedger { try $0.statistics(from: conditions.from, to: conditions.to) }
    }
}

extension HistoryFilter {
    /// The conditions of a request, for someone who may see everything.
    public init(_ conditions: HistoryConditions) {
        self.init()
        from = conditions.from
        to = conditions.to
        formats = conditions.formats.map(\.rawValue)
        states = conditions.states
        users = conditions.users
        projects = conditions.projects
        datasets = conditions.datasets
        text = conditions.text
        limit = conditions.limit
    }
}
