import ExportCore
import Files
import Formats
import Foundation
import Jobs
import Logging
import Plans
import Requests
import Testing

/// A temporary folder with a plan, a fake worker that follows it, and all that a job needs.
final class Scenario: Sendable {
    let root: String
    let job: JobID

    /// - Parameters:
    ///   - parts: Parts of each export, one dataset each.
    ///   - behaviour: What the fake worker does at which step, see `fake-worker.py`.
    ///   - firstKey: The number of the first part's key; two scenarios with the same keys share cached parts.
    init(parts: Int = 3, exports: Int = 1, job: String = "job-1", firstKey: Int = 0, behaviour: [String: [String]] = [:]) throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("jobs-tests-\(UUID().uuidString)").path
        self.job = try #require(JobID(job))
        for folder in ["", "/store", "/work", "/out", "/cache"] {
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
        }
        let plan = try Self.plan(job: self.job, parts: parts, exports: exports, firstKey: firstKey)
        try write(plan, "plan.json")
        try write(
            PlanSummary(
                datasets: plan.datasets.map {
                    .init(id: $0.id, bytes: $0.bytes, segments: 1, fingerprint: $0.fingerprint, project: $0.metadata.project)
                },
                exports: plan.exports.map { .init(format: $0.format, parts: parts, estimate: PartEstimate(episodes: parts, frames: 10)) },
                skipped: [],
                warnings: []
            ),
            "summary.json"
        )
        try behave(behaviour)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    func behave(_ behaviour: [String: [String]]) throws {
        try write(behaviour, "behaviour.json")
    }

    func write(_ value: some Encodable, _ name: String) throws {
        try JSONEncoder().encode(value).write(to: URL(fileURLWithPath: "\(root)/\(name)"))
    }

    func touch(_ name: String) {
        _ = FileManager.default.createFile(atPath: "\(root)/\(name)", contents: nil)
    }

    /// The steps that workers were told to do so far, in order, without process numbers.
    var steps: [String] {
        logLines.map { $0.split(separator: " ").dropLast().joined(separator: " ") }
    }

    /// The process numbers of all workers that were told anything.
    var workers: Set<Int32> {
        Set(logLines.compactMap { $0.split(separator: " ").last.flatMap { Int32($0) } })
    }

    private var logLines: [Substring] {
        let text = (try? String(contentsOfFile: "\(root)/log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n")
    }

    /// Waits until the workers were told to do a step.
    func reached(_ step: String) async throws {
        while !steps.contains(step) { try await Task.sleep(for: .milliseconds(5)) }
    }

    var settings: WorkerSettings {
        var settings = WorkerSettings(executable: "/usr/bin/python3")
        settings.arguments = ["\(Self.fixtures)/fake-worker.py", root]
        settings.stallLimit = .seconds(60)
        settings.grace = .milliseconds(200)
        return settings
    }

    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Fixtures").path

    var work: WorkFolder { WorkFolder(path: "\(root)/work/\(job)") }

    var cache: PartCache { PartCache(path: "\(root)/cache", maximumBytes: 1 << 20) }

    func runner(_ pool: WorkerPool, cache: PartCache? = nil, crashes: CrashCounter = CrashCounter()) -> JobRunner {
        JobRunner(
            pool: pool,
            site: SiteSettings(stores: ["\(root)/store"], catalog: "\(root)/catalog.sqlite"),
            cache: cache,
            io: IOQueue("test"),
            countCrash: { job, step in await crashes.count(job, step) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func task(_ policy: ExportRequest.DatasetErrorPolicy = .fail) -> JobTask {
        var request = ExportRequest(exports: [.hdf5(HDF5Options())])
        request.onDatasetError = policy
        return JobTask(
            job: job,
            name: "nightly",
            request: request,
            accepted: Timestamp(nanoseconds: 0),
            previous: [:],
            work: work,
            destination: "\(root)/out"
        )
    }

    func package(_ export: Int = 0) throws -> String {
        try String(contentsOfFile: "\(root)/out/nightly_\(export).tar.gz", encoding: .utf8)
    }

    static func key(_ index: Int) throws -> PartKey {
        let digits = String(index, radix: 16)
        return try #require(PartKey(String(repeating: "0", count: 64 - digits.count) + digits))
    }

    static func plan(job: JobID, parts: Int, exports: Int, firstKey: Int = 0) throws -> Plan {
        let options = [ExportOptions](repeating: .hdf5(HDF5Options()), count: exports)
        var plan = Plan(job: job, name: "nightly", title: nil, package: .tarGzip, exports: options)
        plan.datasets = (0..<parts).map { index in
            PlannedDataset(
                id: DatasetID("set-\(index)"),
                layout: .folder,
                store: "/",
                files: [SourceFile(path: "a", bytes: 100, modified: Timestamp(nanoseconds: 0))],
                volumes: 1,
                fingerprint: "f\(index)",
                metadata: DatasetMetadata(),
                segments: [],
                range: nil,
                topics: [],
                robotMapping: nil
            )
        }
        for export in 0..<exports {
            for dataset in 0..<parts {
                let index = plan.parts.count
                plan.parts.append(
                    PlannedPart(
                        index: index,
                        export: export,
                        key: try key(firstKey + index),
                        dataset: dataset,
                        estimate: PartEstimate(episodes: 1, frames: 10, bytesRead: 1_000_000, bytesWritten: 1_000_000)
                    )
                )
            }
        }
        return plan
    }
}

/// Counts crashes in memory.
actor CrashCounter {
    private var counts: [String: Int] = [:]

    func count(_ job: JobID, _ step: String) -> Int {
        counts["\(job) \(step)", default: 0] += 1
        return counts["\(job) \(step)", default: 0]
    }
}
