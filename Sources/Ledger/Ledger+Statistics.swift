public import ExportCore
import FoundationEssentials
import GRDB

/// What jobs of one kind came to: of one user, one format or one day.
public struct JobTotals: Hashable, Codable, Sendable {
    /// The user's name, the format's, or the day as `2026-11-22`.
    public let name: String
    /// All jobs.
    public let jobs: Int
    /// Those that completed.
    public let completed: Int
    /// Those that failed.
    public let failed: Int
    /// Those that were cancelled.
    public let cancelled: Int
    /// Exports of those that completed.
    public let exports: Int
    /// Bytes of the packages of those that completed.
    public let bytes: Int64
    /// Seconds that those that completed took from their first start to their end.
    public let seconds: Double
}

/// How often jobs failed for one reason.
public struct FailureCount: Hashable, Codable, Sendable {
    /// The error's code, such as `dataset_unreadable`.
    public let code: String
    /// How many jobs failed with it.
    public let jobs: Int
    /// The newest message.
    public let latest: String
}

/// What all export jobs of some time came to.
public struct JobStatistics: Hashable, Codable, Sendable {
    /// By user, the one with most jobs first.
    public var users: [JobTotals]
    /// By format, the one with most jobs first; a job of several formats counts in each, with the bytes of that format.
    public var formats: [JobTotals]
    /// By the day of acceptance in UTC, the newest first.
    public var days: [JobTotals]
    /// Why jobs failed, the most frequent first.
    public var failures: [FailureCount]
}

extension JobStatistics {
    /// As JSON, with sorted keys.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// From their JSON.
    public init(json bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }
}

extension Ledger {
    /// What the export jobs accepted in some time came to.
    public func statistics(from: Timestamp? = nil, to: Timestamp? = nil) throws(LedgerError) -> JobStatistics {
        let range = "created_ns >= ? AND created_ns < ?"
        let arguments: StatementArguments = [from?.nanoseconds ?? .min, to?.nanoseconds ?? .max]
        let counts = """
            count(*) AS jobs, total(state = 'completed') AS completed, total(state = 'failed') AS failed,
            total(state = 'cancelled') AS cancelled,
            total(CASE WHEN state = 'completed' THEN (finished_ns - started_ns) / 1e9 ELSE 0 END) AS seconds
            """
        let files = """
            total(CASE WHEN state = 'completed' THEN json_array_length(exports) ELSE 0 END) AS exports,
            total(CASE WHEN state = 'completed' THEN (SELECT sum(bytes) FROM job_files WHERE job = id) ELSE 0 END) AS bytes
            """
        return try read { db in
            func totals(_ sql: String) throws -> [JobTotals] { try Row.fetchAll(db, sql: sql, arguments: arguments).map(JobTotals.init) }
            let failures = try Row.fetchAll(
                db,
                sql: """
                    SELECT json_extract(error, '$.code') AS code, count(*) AS jobs, json_extract(error, '$.message') AS latest, max(seq)
                    FROM jobs WHERE kind = 'export' AND state = 'failed' AND \(range) GROUP BY code ORDER BY jobs DESC, code
                    """,
                arguments: arguments
            ).map { FailureCount(code: try $0.value("code"), jobs: try $0.value("jobs"), latest: try $0.value("latest")) }
            return JobStatistics(
                users: try totals(
                    """
                    SELECT user AS label, \(counts), \(files) FROM jobs WHERE kind = 'export' AND \(range)
                    GROUP BY label ORDER BY jobs DESC, label
                    """
                ),
                formats: try totals(
                    """
                    SELECT label, \(counts), total(CASE WHEN state = 'completed' THEN exports ELSE 0 END) AS exports,
                        total(CASE WHEN state = 'completed' THEN bytes ELSE 0 END) AS bytes
                    FROM (
                        SELECT jobs.seq, state, started_ns, finished_ns, json_extract(value, '$.format') AS label, count(*) AS exports,
                            total(json_extract(value, '$.bytes')) AS bytes
                        FROM jobs, json_each(jobs.exports) WHERE kind = 'export' AND \(range) GROUP BY jobs.seq, label
                    ) GROUP BY label ORDER BY jobs DESC, label
                    """
                ),
                days: try totals(
                    """
                    SELECT date(created_ns / 1000000000, 'unixepoch') AS label, \(counts), \(files)
                    FROM jobs WHERE kind = 'export' AND \(range) GROUP BY label ORDER BY label DESC
                    """
                ),
                failures: failures
            )
        }
    }

    /// Seconds that a byte of selected data took in the newest completed jobs that had one of the formats; nil where there
    /// is none.
    public func pace(formats: [String]) throws(LedgerError) -> Double? {
        try read { db in
            let names = formats.map { _ in "?" }.joined(separator: ", ")
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT total(seconds) AS seconds, total(bytes) AS bytes FROM (
                        SELECT (finished_ns - started_ns) / 1e9 AS seconds, json_extract(selection, '$.bytes') AS bytes
                        FROM jobs WHERE state = 'completed' AND kind = 'export' AND selection IS NOT NULL AND started_ns IS NOT NULL
                            AND EXISTS (SELECT 1 FROM job_formats WHERE job_formats.seq = jobs.seq AND format IN (\(names)))
                        ORDER BY created_ns DESC LIMIT 20
                    )
                    """,
                arguments: StatementArguments(formats)
            )
            guard let row else { return nil }
            let (seconds, bytes): (Double, Double) = (try row.value("seconds"), try row.value("bytes"))
            return bytes > 0 ? seconds / bytes : nil
        }
    }
}

extension JobTotals {
    fileprivate init(_ row: Row) throws {
        func whole(_ column: String) throws -> Int64 { Int64(exactly: (try row.value(column) as Double).rounded()) ?? 0 }
        self.init(
            name: try row.value("label"),
            jobs: try row.value("jobs"),
            completed: Int(try whole("completed")),
            failed: Int(try whole("failed")),
            cancelled: Int(try whole("cancelled")),
            exports: Int(try whole("exports")),
            bytes: try whole("bytes"),
            seconds: try row.value("seconds")
        )
    }
}
