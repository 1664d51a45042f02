import ExportCore
import FoundationEssentials
import GRDB
import Requests

/// A selection as conditions in SQL over the catalogue's index.
struct SelectionQuery {
    /// One condition of a selection.
    struct Condition {
        /// The condition as its writer knows it, such as `projects: kitchen`.
        var name: String
        /// An expression over the table `dataset`.
        var sql: String
        /// What its question marks stand for.
        var arguments: [any DatabaseValueConvertible]
        /// An expression that holds where the catalogue does not know what the condition asks for.
        var unknown: String
    }

    /// The conditions, all of which must hold.
    private(set) var conditions: [Condition] = []
    /// Identifiers that were asked for by themselves, without a glob.
    private(set) var explicit: [String] = []

    /// The conditions of a selection, without `changed_since`, which needs more than the index.
    init(_ selection: Selection, now: Timestamp) {
        add("projects", selection.projects, columns: ["project"])
        if !selection.datasets.isEmpty {
            add("datasets", selection.datasets, columns: ["id", "name"], unknown: "FALSE")
            explicit = selection.datasets.filter { !Glob.isGlob($0) }
        }
        if let recorded = selection.recorded { add(recorded, now: now) }
        add("annotators", selection.annotators, columns: ["annotator"], carriedAs: "annotator")
        addNames("quality.levels", selection.qualityLevels.map(\.rawValue), column: "quality", carriedAs: "quality")
        if let score = selection.minimumScore {
            conditions.append(
                Condition(
                    name: "quality.min_score: \(score)",
                    sql: "score >= ? OR best_score >= ?",
                    arguments: [score, score],
                    unknown: "score IS NULL"
                )
            )
        }
        addNames("review", selection.review.map(\.rawValue), column: "review", carriedAs: "review")
        add("robots", selection.robots, columns: ["robot"])
        if !selection.tags.isEmpty {
            let (sql, arguments) = SelectionQuery.matches(selection.tags, columns: ["tag"])
            conditions.append(
                Condition(
                    name: SelectionQuery.name("tags", selection.tags),
                    sql: "key IN (SELECT dataset FROM tag WHERE \(sql))",
                    arguments: arguments,
                    unknown: "NOT EXISTS (SELECT 1 FROM tag WHERE dataset = key)"
                )
            )
        }
        if let text = selection.text, !text.isEmpty {
            conditions.append(
                Condition(
                    name: SelectionQuery.name("text", [text]),
                    sql:
                        "key IN (SELECT dataset FROM spoken WHERE instruction IN (SELECT key FROM instruction WHERE instr(folded, ?) > 0))",
                    arguments: [foldedCase(text)],
                    unknown: "NOT EXISTS (SELECT 1 FROM spoken WHERE dataset = key)"
                )
            )
        }
    }

    /// The `WHERE` clause of datasets that meet all conditions; empty where there is none.
    var filter: (sql: String, arguments: StatementArguments) {
        guard !conditions.isEmpty else { return ("", []) }
        return ("WHERE " + conditions.map { "(\($0.sql))" }.joined(separator: " AND "), StatementArguments(conditions.flatMap(\.arguments)))
    }

    /// The `WHERE` clause of datasets with a problem that might meet all conditions if more were known of them.
    var undecided: (sql: String, arguments: StatementArguments) {
        let possible = conditions.map { "(coalesce(\($0.sql), FALSE) OR \($0.unknown))" }
        let certain = conditions.map { "coalesce(\($0.sql), FALSE)" }
        let all = ["has_problem"] + possible + ["NOT (\(certain.isEmpty ? "TRUE" : certain.joined(separator: " AND ")))"]
        let arguments = conditions.flatMap(\.arguments)
        return ("WHERE " + all.joined(separator: " AND "), StatementArguments(arguments + arguments))
    }

    /// - Parameter carried: the kind under which single annotations carry such names, where they do.
    private mutating func add(
        _ key: String,
        _ patterns: [String],
        columns: [String],
        carriedAs carried: String? = nil,
        unknown: String? = nil
    ) {
        guard !patterns.isEmpty else { return }
        var (sql, arguments) = SelectionQuery.matches(patterns, columns: columns)
        if let carried {
            let inner = SelectionQuery.matches(patterns, columns: ["value"])
            sql = "\(sql) OR key IN (SELECT dataset FROM carried WHERE kind = ? AND \(inner.sql))"
            arguments += [carried] + inner.arguments
        }
        conditions.append(
            Condition(
                name: SelectionQuery.name(key, patterns),
                sql: sql,
                arguments: arguments,
                unknown: unknown ?? "\(columns[0]) IS NULL"
            )
        )
    }

    private mutating func addNames(_ key: String, _ names: [String], column: String, carriedAs carried: String) {
        guard !names.isEmpty else { return }
        conditions.append(
            Condition(
                name: SelectionQuery.name(key, names),
                sql: """
                    \(column) IN (SELECT value FROM json_each(?))
                    OR key IN (SELECT dataset FROM carried WHERE kind = ? AND value IN (SELECT value FROM json_each(?)))
                    """,
                arguments: [SelectionQuery.json(names), carried, SelectionQuery.json(names)],
                unknown: "\(column) IS NULL"
            )
        )
    }

    private mutating func add(_ recorded: Selection.Recorded, now: Timestamp) {
        // A set of images is meant where the times of its annotations reach into the window.
        var bounds: [(sql: String, carried: String, argument: Int64)] = []
        switch recorded {
        case .between(let from, let to):
            if let from { bounds.append(("recorded >= ?", "created_last >= ?", from.nanoseconds)) }
            if let to { bounds.append(("recorded < ?", "created_first < ?", to.nanoseconds)) }
        case .last(let nanoseconds):
            // Open at its old end, so that windows of jobs that follow each other share no dataset.
            let (start, overflow) = now.nanoseconds.subtractingReportingOverflow(nanoseconds)
            bounds = [
                ("recorded > ?", "created_last > ?", overflow ? .min : start), ("recorded <= ?", "created_first <= ?", now.nanoseconds),
            ]
        }
        guard !bounds.isEmpty else { return }
        conditions.append(
            Condition(
                name: "recorded",
                sql: "(\(bounds.map(\.sql).joined(separator: " AND "))) OR (\(bounds.map(\.carried).joined(separator: " AND ")))",
                arguments: bounds.map(\.argument) + bounds.map(\.argument),
                unknown: "recorded IS NULL"
            )
        )
    }

    /// Whether one of some columns equals or matches one of some patterns.
    ///
    /// A pattern also stands for itself, so that a name with a bracket in it can be written as it is.
    private static func matches(_ patterns: [String], columns: [String]) -> (sql: String, arguments: [any DatabaseValueConvertible]) {
        let names = json(patterns)
        var terms = columns.map { "\($0) IN (SELECT value FROM json_each(?))" }
        var arguments: [any DatabaseValueConvertible] = columns.map { _ in names }
        for glob in patterns.filter(Glob.isGlob).map(Glob.sqlite) {
            terms += columns.map { "\($0) GLOB ?" }
            arguments += columns.map { _ in glob }
        }
        return (anyOf(terms[...]), arguments)
    }

    /// The terms as a balanced tree, because SQLite limits how deep an expression may be.
    private static func anyOf(_ terms: ArraySlice<String>) -> String {
        guard terms.count > 1, let first = terms.first else { return terms.first ?? "FALSE" }
        if terms.count == 2, let last = terms.last { return "(\(first) OR \(last))" }
        let middle = terms.startIndex + terms.count / 2
        return "(\(anyOf(terms[..<middle])) OR \(anyOf(terms[middle...])))"
    }

    static func json(_ texts: [String]) -> String {
        // An array of strings can always be encoded.
        (try? JSONEncoder().encode(texts)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    private static func name(_ key: String, _ values: [String]) -> String {
        let shown = values.prefix(5).joined(separator: ", ")
        return "\(key): \(shown)\(values.count > 5 ? " and \(values.count - 5) more" : "")"
    }
}
