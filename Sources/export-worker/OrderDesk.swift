import Encoders
import Encoding
import ExportCore
import Files
import FoundationEssentials
import Packaging
import Planning
import Plans

/// Carries out commands one at a time and answers each exactly once.
final class OrderDesk {
    private let cancellation: Cancellation
    private let output: ReplyOutput
    /// The plan last worked on: its parts come one after another, and a plan of thousands of datasets takes a while to read.
    private var lastPlan: (file: FileStatus, plan: Plan)?

    init(cancellation: Cancellation, output: ReplyOutput) {
        self.cancellation = cancellation
        self.output = output
    }

    func carryOut(_ line: [UInt8]) {
        guard let command = try? JSONDecoder().decode(WorkerCommand.self, from: Data(line)) else {
            // There is no id to answer to.
            let error = ExportError(
                .internal,
                "The worker was sent a line that is no command.",
                hint: "Programs of different versions may be installed."
            )
            return output.send(.failed(error), to: 0)
        }
        let output = output
        let id = command.id
        let event: WorkerEvent
        do {
            event = try answer(command.order) { output.sendProgress($0, to: id) }
        } catch {
            event = .failed(ExportError(error))
        }
        output.send(event, to: id)
    }

    private func answer(_ order: WorkerOrder, progress: @escaping @Sendable (WorkerProgress) -> Void) throws -> WorkerEvent {
        switch order {
        case .scan(let order):
            return .scanned(try Planner(site: order.site, cancellation: cancellation).scan(progress: progress))
        case .list(let order):
            return .datasets(
                try Planner(site: order.site, cancellation: cancellation).list(order.select, now: order.now, progress: progress)
            )
        case .checkFaces(let order):
            return .faces(try Planner(site: order.site, cancellation: cancellation).checkFaces())
        case .plan(let order):
            return .planned(try Planner(site: order.site, cancellation: cancellation).plan(order, progress: progress))
        case .encode(let order):
            return .encoded(try encode(order, progress: progress))
        case .assemble(let order):
            return .assembled(try assemble(order, progress: progress))
        }
    }

    private func encode(_ order: EncodeOrder, progress: @escaping @Sendable (WorkerProgress) -> Void) throws -> PartSummary {
        let plan = try plan(in: order.work)
        guard plan.parts.indices.contains(order.part) else {
            throw ExportError(.internal, "Job \(plan.job) has no part \(order.part).")
        }
        let part = plan.parts[order.part]
        let cache = order.cache.map { PartCache(path: $0, maximumBytes: .max) }
        let folder = WorkFolder(path: order.work)
        let work = PartWork(plan: plan, work: folder, cache: cache, threads: order.threads, cancellation: cancellation)
        func run(_ encoder: some Encoder) throws -> PartSummary {
            try work.encode(part, with: encoder, progress: progress)
        }
        return try run(plan.exports[part.export].makeEncoder())
    }

    private func assemble(_ order: AssembleOrder, progress: @escaping @Sendable (WorkerProgress) -> Void) throws -> AssemblySummary {
        let plan = try plan(in: order.work)
        guard plan.exports.indices.contains(order.export) else {
            throw ExportError(.internal, "Job \(plan.job) has no export \(order.export).")
        }
        let assembly = ExportAssembly(plan: plan, order: order, cancellation: cancellation, progress: progress)
        return try assembly.run()
    }

    private func plan(in work: String) throws -> Plan {
        let folder = WorkFolder(path: work)
        // A job that is retried is planned afresh under the same path.
        let file = try FileSystem.statusIfPresent(of: folder.planPath)
        if let lastPlan, lastPlan.file == file { return lastPlan.plan }
        guard let file, let plan = try folder.readPlan() else {
            throw ExportError(.internal, "There is no plan in \(work).", hint: "Retry the job; it is then planned afresh.", retryable: true)
        }
        lastPlan = (file, plan)
        return plan
    }
}
