import ExportCore
import Formats
public import Ledger
public import Requests
import Spool

/// Carries out requests for what became of earlier jobs.
struct HistoryDesk: Sendable {
    let office: Office

    /// - Returns: `history.json`, `history.csv` or `history.txt`.
    func carryOut(_ request: HistoryRequest, by identity: Identity) async throws -> AnswerFile {
        var filter = HistoryFilter(request.filter)
        filter.visibility = identity.visibility
        let jobs = try await office.onLedger { [filter] in try $0.history(filter) }
        let history = History(jobs, outbox: office.layout.outbox)
        let (ending, bytes) =
            switch request.output {
            case .json: ("json", try history.json())
            case .csv: ("csv", history.csv())
            case .table: ("txt", history.table())
            }
        return try AnswerFile("history", name: "history.\(ending)", bytes: bytes)
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
