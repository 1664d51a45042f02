import ExportCore
import GRDB

// Finding jobs among a million others. Of the conditions that an index answers the rarest is looked up, and the rest is
// checked on what it found; where all of them are common, the newest jobs are walked until enough have been found.
extension Ledger {
    /// The jobs that a filter takes, newest first.
    public func history(_ filter: HistoryFilter) throws(LedgerError) -> [Job] {
        try read { db in
            let query = try historyQuery(filter, db)
            let jobs = try JobRow.fetchAll(db, sql: query.sql, arguments: query.arguments).map(\.job)
            return jobs.sorted { ($0.created, $0.sequence) > ($1.created, $1.sequence) }
        }
    }

    /// The projects whose data a job is about, sorted: those of its selection, or before that is made those that its
    /// request names.
    public func projects(of job: Job) throws(LedgerError) -> [String] {
        try read { db in
            try String.fetchAll(db, sql: "SELECT project FROM job_projects WHERE seq = ? ORDER BY project", arguments: [job.sequence])
        }
    }

    /// Whether someone may see a job.
    public func isVisible(_ job: Job, to visibility: JobVisibility) throws(LedgerError) -> Bool {
        guard let condition = Self.condition(for: visibility) else { return true }
        return try read { db in
            try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM jobs WHERE seq = ? AND \(condition.predicate))",
                arguments: StatementArguments([job.sequence]) + condition.predicateArguments
            ) ?? false
        }
    }

    /// A condition that finds more jobs than this is not looked up.
    private static let fewEnough = 10_000

    /// The query of a filter.
    func historyQuery(_ filter: HistoryFilter, _ db: Database) throws -> (sql: String, arguments: StatementArguments) {
        let conditions = Self.conditions(of: filter)
        var rarest: (index: Int, count: Int)?
        for (index, condition) in conditions.enumerated() {
            guard let candidates = condition.candidates else { continue }
            let count =
                try Int.fetchOne(
                    db,
                    sql: "SELECT count(*) FROM (\(candidates) LIMIT \(Self.fewEnough + 1))",
                    arguments: condition.candidateArguments
                ) ?? 0
            if count < rarest?.count ?? .max { rarest = (index, count) }
        }
        func whole(_ conditions: [Condition]) -> (sql: String, arguments: StatementArguments) {
            guard !conditions.isEmpty else { return ("", []) }
            let sql = "WHERE \(conditions.map(\.predicate).joined(separator: " AND "))"
            return (sql, conditions.reduce(StatementArguments()) { $0 + $1.predicateArguments })
        }
        let page = "ORDER BY created_ns DESC, jobs.seq DESC LIMIT \(max(filter.limit, 0))"
        guard let rarest, rarest.count <= Self.fewEnough, let candidates = conditions[rarest.index].candidates else {
            let rest = whole(conditions)
            return ("SELECT * FROM jobs \(rest.sql) \(page)", rest.arguments)
        }
        let rest = whole(conditions.enumerated().filter { $0.offset != rarest.index }.map(\.element))
        // SQLite takes the tables of a CROSS JOIN in their order.
        return (
            """
            SELECT jobs.* FROM (
                SELECT jobs.seq AS seq FROM (SELECT DISTINCT seq FROM (\(candidates))) AS found CROSS JOIN jobs ON jobs.seq = found.seq
                \(rest.sql) \(page)
            ) AS page CROSS JOIN jobs ON jobs.seq = page.seq
            """,
            conditions[rarest.index].candidateArguments + rest.arguments
        )
    }

    /// One condition of a filter.
    private struct Condition {
        /// What must hold of a row of `jobs`.
        var predicate: String
        var predicateArguments: StatementArguments = []
        /// A query for the numbers of all jobs of which it holds, by an index; nil where there is none.
        var candidates: String?
        var candidateArguments: StatementArguments = []

        init(_ predicate: String, _ arguments: StatementArguments, candidates: String? = nil) {
            self.predicate = predicate
            predicateArguments = arguments
            self.candidates = candidates
            candidateArguments = candidates == nil ? [] : arguments
        }
    }

    private static func conditions(of filter: HistoryFilter) -> [Condition] {
        var conditions: [Condition] = []
        func direct(_ predicate: String, _ arguments: [any DatabaseValueConvertible]) {
            conditions.append(
                Condition(predicate, StatementArguments(arguments), candidates: "SELECT seq FROM jobs WHERE \(predicate)")
            )
        }
        func alternatives(_ column: String, _ values: [String]) {
            guard !values.isEmpty else { return }
            direct("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))", values)
        }
        switch (filter.from, filter.to) {
        case (nil, nil): break
        case (let from?, nil): direct("created_ns >= ?", [from.nanoseconds])
        case (nil, let to?): direct("created_ns < ?", [to.nanoseconds])
        case (let from?, let to?): direct("created_ns >= ? AND created_ns < ?", [from.nanoseconds, to.nanoseconds])
        }
        alternatives("state", filter.states.map(\.rawValue))
        alternatives("user", filter.users)
        if !filter.formats.isEmpty {
            let formats = "format IN (\(filter.formats.map { _ in "?" }.joined(separator: ", ")))"
            conditions.append(
                Condition(
                    "EXISTS (SELECT 1 FROM job_formats WHERE job_formats.seq = jobs.seq AND \(formats))",
                    StatementArguments(filter.formats),
                    candidates: "SELECT seq FROM job_formats WHERE \(formats)"
                )
            )
        }
        if !filter.projects.isEmpty {
            let projects = globs("project", filter.projects)
            conditions.append(
                Condition(
                    "EXISTS (SELECT 1 FROM job_projects WHERE job_projects.seq = jobs.seq AND \(projects))",
                    StatementArguments(filter.projects),
                    candidates: "SELECT seq FROM job_projects WHERE \(projects)"
                )
            )
        }
        if !filter.datasets.isEmpty {
            let datasets = globs("dataset", filter.datasets)
            // A pattern that begins with anything has no place in an index.
            let hasPlace = filter.datasets.allSatisfy { !$0.hasPrefix("*") && !$0.hasPrefix("?") && !$0.hasPrefix("[") }
            conditions.append(
                Condition(
                    "EXISTS (SELECT 1 FROM job_datasets WHERE job_datasets.job = jobs.id AND \(datasets))",
                    StatementArguments(filter.datasets),
                    candidates: hasPlace
                        ? "SELECT jobs.seq AS seq FROM job_datasets CROSS JOIN jobs ON jobs.id = job_datasets.job WHERE \(datasets)" : nil
                )
            )
        }
        if let text = filter.text {
            let escaped = String(text.flatMap { "%_\\".contains($0) ? ["\\", $0] : [$0] })
            let pattern = "%\(escaped)%"
            let columns = ["request", "title", "json_extract(error, '$.message')"]
            var condition = Condition(
                "(\(columns.map { "\($0) LIKE ? ESCAPE '\\'" }.joined(separator: " OR ")))",
                StatementArguments(columns.map { _ in pattern })
            )
            condition.candidates = "SELECT rowid AS seq FROM job_search WHERE job_search MATCH ?"
            condition.candidateArguments = ["\"\(text.replacing("\"", with: "\"\""))\""]
            conditions.append(condition)
        }
        if let visible = condition(for: filter.visibility) { conditions.append(visible) }
        return conditions
    }

    /// What someone may see; nil where that is everything.
    private static func condition(for visibility: JobVisibility) -> Condition? {
        func own(_ uid: UInt32) -> (predicate: String, candidates: String, arguments: StatementArguments) {
            (
                "(uid = ? OR submitter_uid = ?)",
                "SELECT seq FROM (SELECT seq FROM jobs WHERE uid = ? UNION ALL SELECT seq FROM jobs WHERE submitter_uid = ?)", [uid, uid]
            )
        }
        switch visibility {
        case .all: return nil
        case .none: return Condition("FALSE", [], candidates: "SELECT seq FROM jobs WHERE FALSE")
        case .own(let uid):
            let own = own(uid)
            return Condition(own.predicate, own.arguments, candidates: own.candidates)
        case .managed(let uid, let projects, let closed):
            let own = own(uid)
            func list(_ names: [String]) -> String { names.map { _ in "?" }.joined(separator: ", ") }
            let others = closed.filter { !projects.contains($0) }
            let managed = """
                EXISTS (SELECT 1 FROM job_projects WHERE job_projects.seq = jobs.seq AND project IN (\(list(projects))))
                AND NOT EXISTS (SELECT 1 FROM job_projects WHERE job_projects.seq = jobs.seq AND project IN (\(list(others))))
                """
            return Condition("(\(own.predicate) OR (\(managed)))", own.arguments + StatementArguments(projects + others))
        }
    }

    private static func globs(_ column: String, _ patterns: [String]) -> String {
        "(\(patterns.map { $0.contains { "*?[".contains($0) } ? "\(column) GLOB ?" : "\(column) = ?" }.joined(separator: " OR ")))"
    }
}
