public import ExportCore
import GRDB
public import Requests

extension Catalog {
    /// The datasets that meet all conditions of a selection, sorted by identifier; datasets with a problem among them, so
    /// that whoever asked decides what that means.
    ///
    /// A condition on something that is not known of a dataset does not hold; see `undecided`.
    ///
    /// - Parameters:
    ///   - selection: the conditions.
    ///   - now: the instant that relative times count from.
    ///   - previous: fingerprints by identifier, of the datasets of the last completed job.
    /// - Throws: `selection_empty` where an identifier without a glob does not exist, naming the nearest, and where no
    ///   dataset is left, saying how many each condition leaves out.
    public func select(_ selection: Selection, now: Timestamp, previous: [String: String] = [:]) throws(ExportError) -> [CatalogEntry] {
        let query = SelectionQuery(selection, now: now)
        return try reading { index in
            try index.read { database in
                let missing = try MissingDatasets(database, query.explicit)
                guard missing.ids.isEmpty else { throw missing.error }
                let filter = query.filter
                let entries = try CatalogIndex.entries(database, sql: filter.sql, filter.arguments) { id, fingerprint in
                    !selection.changedSinceLastSuccess || previous[id] != fingerprint
                }
                guard !entries.isEmpty else { throw try Catalog.emptiness(database, query, selection, previous) }
                return entries
            }
        }
    }

    /// The datasets that meet all conditions of a selection, sorted by identifier; none is no error.
    ///
    /// `changed_since` is passed over.
    public func list(_ selection: Selection = Selection(), now: Timestamp) throws(ExportError) -> [CatalogEntry] {
        let filter = SelectionQuery(selection, now: now).filter
        return try reading { index in
            try index.read { try CatalogIndex.entries($0, sql: filter.sql, filter.arguments) { _, _ in true } }
        }
    }

    /// The datasets that can't be used and of which therefore too little is known to tell whether a selection means them:
    /// such as a cut-off recording without a time, for a selection by time.
    ///
    /// Whoever selects should be told of them.
    public func undecided(_ selection: Selection, now: Timestamp) throws(ExportError) -> [CatalogEntry] {
        let filter = SelectionQuery(selection, now: now).undecided
        return try reading { index in
            try index.read { try CatalogIndex.entries($0, sql: filter.sql, filter.arguments) { _, _ in true } }
        }
    }

    /// Why a selection is empty.
    private static func emptiness(
        _ database: Database,
        _ query: SelectionQuery,
        _ selection: Selection,
        _ previous: [String: String]
    ) throws -> ExportError {
        let total = try Int.fetchOne(database, sql: "SELECT count(*) FROM dataset") ?? 0
        guard total > 0 else {
            return ExportError(
                .selectionEmpty,
                "The catalogue holds no datasets.",
                hint: "Check that the configured stores hold recordings and can be read."
            )
        }
        var details = try query.conditions.map { condition in
            let left =
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM dataset WHERE \(condition.sql)",
                    arguments: StatementArguments(condition.arguments)
                ) ?? 0
            return ExportError.Detail("\(condition.name) leaves out \(total - left) of \(total) datasets.")
        }
        if selection.changedSinceLastSuccess {
            let same = try GRDB.Row.fetchAll(database, sql: "SELECT id, fingerprint FROM dataset").count {
                previous[$0[0]] == $0[1] as String
            }
            details.append(ExportError.Detail("changed_since: last-success leaves out \(same) of \(total) datasets."))
        }
        return ExportError(
            .selectionEmpty,
            "No dataset meets all conditions of the selection; the catalogue holds \(total).",
            hint: details.count > 1 ? "The details say how many each condition leaves out." : details.first?.message,
            details: details
        )
    }
}
