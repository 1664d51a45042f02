public import ExportCore
import Files
public import Logging
public import Plans
import Requests

/// Takes a job from its request to packages in a private folder: plan, encode the parts that are missing, assemble each
/// export in order.
///
/// Every step is found done when it is run again, so a job that was stopped at any instant continues with what it
/// lacks.
public struct JobRunner: Sendable {
    let pool: WorkerPool
    let site: SiteSettings
    let cache: PartCache?
    let io: IOQueue
    let countCrash: CrashCount
    let logger: Logger

    /// Counts that a step of a job has brought down its worker, and returns how often it has.
    public typealias CrashCount = @Sendable (JobID, _ step: String) async throws -> Int

    /// A step that has brought down so many workers is not tried again.
    static let mostCrashes = 2

    /// A runner on the workers of a pool.
    /// - Parameters:
    ///   - cache: Finished parts of earlier jobs, where they are kept.
    ///   - io: Where the work folder and the cache are read and written.
    ///   - countCrash: Must outlive the daemon, or a recording that kills workers gets another chance with every restart.
    public init(
        pool: WorkerPool,
        site: SiteSettings,
        cache: PartCache?,
        io: IOQueue,
        countCrash: @escaping CrashCount,
        logger: Logger
    ) {
        self.pool = pool
        self.site = site
        self.cache = cache
        self.io = io
        self.countCrash = countCrash
        self.logger = logger
    }

    /// Runs the selection and every check of a request, and writes nothing.
    ///
    /// - Throws: `ExportError`, `WorkerPool.Draining` or `CancellationError`.
    public func preview(_ task: JobTask, meter: ProgressMeter) async throws -> PlanSummary {
        let crew = Crew(runner: self, task: task)
        meter.note("planning")
        return try await crew.plan(into: nil)
    }

    /// Runs a job until its packages lie in the destination.
    ///
    /// - Parameter planned: Called once the plan is made, before any part is encoded.
    /// - Throws: `ExportError`, `WorkerPool.Draining` or `CancellationError`.
    public func run(
        _ task: JobTask,
        meter: ProgressMeter,
        planned: @Sendable (PlanSummary) async throws -> Void
    ) async throws -> JobResult {
        let crew = Crew(runner: self, task: task)
        try await io.run {
            try task.work.create()
            try task.work.removeUnfinished()
            try FileSystem.makeDirectories(task.destination, mode: 0o750)
        }
        meter.note("planning")
        let plan = try await self.plan(task, crew: crew)
        meter.begin(plan)
        try await planned(PlanSummary(plan))
        let encoding = EncodePhase(crew: crew, plan: plan, meter: meter)
        let results = try await encoding.run()
        let packages = try await AssemblyPhase(crew: crew, plan: plan, meter: meter).run()
        return JobResult(
            exports: packages,
            skipped: plan.skipped + results.skipped,
            warnings: Self.distinct(plan.warnings + results.warnings + packages.flatMap(\.warnings))
        )
    }

    /// Moves a job's finished parts into the cache, if they are to be kept, and removes its work folder.
    public func cleanUp(_ work: WorkFolder, keepParts: Bool) async throws {
        let cache = cache
        try await io.run {
            if keepParts, let cache, let plan = try? work.readPlan() {
                do throws(FileError) {
                    for part in plan.parts { try cache.keep(part.key, from: work) }
                    try cache.evict()
                } catch {
                    // The cache saves time and nothing more.
                    try cache.evict(to: 0)
                }
            }
            try work.remove()
        }
    }

    private func plan(_ task: JobTask, crew: Crew) async throws -> Plan {
        let existing = try await io.run { () -> Plan? in
            do {
                guard let plan = try task.work.readPlan(), plan.job == task.job else { return nil }
                return plan
            } catch {
                // A plan that cannot be read is made again; parts keep their keys and stay of use.
                try FileSystem.removeFile(task.work.planPath)
                return nil
            }
        }
        if let existing { return existing }
        _ = try await crew.plan(into: task.work.path)
        guard let plan = try await io.run({ try task.work.readPlan() }), plan.job == task.job else {
            throw ExportError(.internal, "The worker says that job \(task.job) is planned, but \(task.work.planPath) is not there.")
        }
        return plan
    }

    private static func distinct(_ warnings: [Warning]) -> [Warning] {
        var seen: Set<Warning> = []
        return warnings.filter { seen.insert($0).inserted }
    }
}
