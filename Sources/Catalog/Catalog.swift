public import ExportCore
import Files
import FoundationEssentials
import GRDB

/// What the stores hold, by the last scan.
///
/// Used by one thread at a time; several processes may share one index.
///
/// ```swift
/// let catalog = try Catalog(stores: ["/data/store"], index: "/var/lib/exportd/catalog.sqlite")
/// let report = try catalog.scan()
/// let entries = try catalog.select(request.select, now: accepted)
/// ```
public final class Catalog {
    let stores: [String]
    let path: String
    var index: CatalogIndex
    let reader: DatasetReader

    /// The catalogue of some stores.
    ///
    /// - Parameters:
    ///   - stores: paths of the stores' roots, in the order of the configuration; none may lie inside another.
    ///   - path: the index's file on a local disk. It is a cache: made where absent, built again where damaged or of
    ///     another version.
    ///   - cancellation: looked at while another process holds the index.
    /// - Throws: `ExportError` where a store or the index can't be opened; `CancellationError`.
    public convenience init(stores: [String], index path: String, cancellation: Cancellation = Cancellation()) throws {
        try self.init(stores: stores, index: path, reader: DatasetReader(), cancellation: cancellation)
    }

    init(stores: [String], index path: String, reader: DatasetReader, cancellation: Cancellation = Cancellation()) throws {
        self.stores = try Catalog.roots(stores)
        self.path = path
        self.reader = reader
        index = try Catalog.wording { try CatalogIndex(path: path, cancellation: cancellation) }
    }

    /// The stores' roots without symbolic links.
    ///
    /// A store inside another would show its datasets twice.
    private static func roots(_ stores: [String]) throws(ExportError) -> [String] {
        var roots: [String] = []
        for store in stores {
            let root: String
            do throws(FileError) {
                root = try FileSystem.realPath(store)
            } catch {
                throw unreachable(store, error)
            }
            if let other = roots.first(where: { $0 == root || $0.hasPrefix("\(root)/") || root.hasPrefix("\($0)/") }) {
                throw ExportError(
                    .ioError,
                    "The store \(store) and the store \(other) hold the same folders.",
                    hint: "Configure only one of them.",
                    retryable: false,
                    location: .init(file: store)
                )
            }
            roots.append(root)
        }
        return roots
    }

    static func unreachable(_ store: String, _ error: FileError) -> ExportError {
        var problem = error.exportError
        problem.message = "The store \(store) can't be reached. \(problem.message)"
        problem.retryable = true
        return problem
    }

    /// Runs some work and says its errors in the contract's words; a cancellation stays one.
    static func wording<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ExportError(error)
        }
    }

    /// One dataset by its identifier.
    ///
    /// - Throws: `selection_empty` where there is none, naming the nearest.
    public func show(_ id: DatasetID) throws(ExportError) -> CatalogEntry {
        try reading { index in
            try index.read { database in
                let rows = try CatalogIndex.entries(database, sql: "WHERE id = ?", [id.text]) { _, _ in true }
                if let entry = rows.first { return entry }
                throw try MissingDatasets(database, [id.text]).error
            }
        }
    }

    /// Reads from the index; its errors are said in the contract's words.
    func reading<Value>(_ body: (CatalogIndex) throws -> Value) throws(ExportError) -> Value {
        do {
            return try body(index)
        } catch {
            throw ExportError(error)
        }
    }
}

extension CatalogIndex {
    /// The datasets of a query, sorted by identifier.
    ///
    /// - Parameters:
    ///   - condition: what follows `FROM` in SQL.
    ///   - isWanted: decides by identifier and fingerprint, before the rest is read.
    static func entries(
        _ database: Database,
        sql condition: String,
        _ arguments: StatementArguments,
        where isWanted: (_ id: String, _ fingerprint: String) -> Bool
    ) throws -> [CatalogEntry] {
        let decoder = JSONDecoder()
        var entries: [CatalogEntry] = []
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT id, fingerprint, store, json FROM dataset JOIN source USING (key) JOIN content USING (key) \(condition) ORDER BY id
                """,
            arguments: arguments
        )
        while let row = try rows.next() {
            guard isWanted(row[0], row[1]) else { continue }
            let dataset = try row.withUnsafeData(atIndex: 3) { try decoder.decode(ScannedDataset.self, from: $0 ?? Data()) }
            entries.append(dataset.entry(id: DatasetID(row[0]), store: row[2]))
        }
        return entries
    }
}
