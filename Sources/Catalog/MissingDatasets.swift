import ExportCore
import Fields
import GRDB

/// Identifiers that were asked for and that no dataset has.
struct MissingDatasets {
    /// The identifiers, in the order in which they were asked for.
    let ids: [String]
    /// The nearest existing identifier, for those that have one near.
    private let nearest: [String: String]

    /// How many missing identifiers a suggestion is looked for.
    private static let mostSuggestions = 20
    /// How many existing ones before and behind the place of a missing one are compared with it.
    private static let neighbours = 200

    /// Those of some identifiers that are neither a dataset's identifier nor its last component.
    init(_ database: Database, _ wanted: [String]) throws {
        guard !wanted.isEmpty else {
            ids = []
            nearest = [:]
            return
        }
        ids = try String.fetchAll(
            database,
            sql: """
                SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM dataset) AND value NOT IN (SELECT name FROM dataset)
                """,
            arguments: [SelectionQuery.json(wanted)]
        )
        var nearest: [String: String] = [:]
        for id in ids.prefix(MissingDatasets.mostSuggestions) {
            nearest[id] = nearestName(to: id, among: try MissingDatasets.neighbours(of: id, database))
        }
        self.nearest = nearest
    }

    /// Comparing with every dataset of a big store would take seconds, and names that are nearly the same mostly begin
    /// the same.
    private static func neighbours(of id: String, _ database: Database) throws -> [String] {
        var names: [String] = []
        for column in ["id", "name"] {
            for (comparison, order) in [("<", "DESC"), (">=", "ASC")] {
                names += try String.fetchAll(
                    database,
                    sql: "SELECT \(column) FROM dataset WHERE \(column) \(comparison) ? ORDER BY \(column) \(order) LIMIT \(neighbours)",
                    arguments: [id]
                )
            }
        }
        return names
    }

    /// The error that names them.
    var error: ExportError {
        let details = ids.prefix(200).map { id in
            ExportError.Detail(
                "There is no dataset \(id).",
                hint: nearest[id].map { "Did you mean \($0)?" },
                location: .init(dataset: DatasetID(id))
            )
        }
        guard ids.count > 1 else {
            return ExportError(
                .selectionEmpty,
                details.first?.message ?? "There is no such dataset.",
                hint: details.first?.hint ?? "Look at the catalogue's list of datasets.",
                details: details
            )
        }
        return ExportError(
            .selectionEmpty,
            "\(ids.count) datasets that were asked for do not exist: \(ids.prefix(3).joined(separator: ", "))\(ids.count > 3 ? ", …" : "").",
            hint: "Look at the catalogue's list of datasets; the details name those that are near.",
            details: details
        )
    }
}
