import ExportCore
import Files
import Formats
import FoundationEssentials
import Plans

/// Assembles the exports of a plan one after another, in the request's order.
///
/// What each came to is noted in the work folder, so that a job that is continued does not package twice.
struct AssemblyPhase: Sendable {
    let crew: Crew
    let plan: Plan
    let meter: ProgressMeter

    func run() async throws -> [AssemblySummary] {
        var summaries: [AssemblySummary] = []
        for export in plan.exports.indices {
            try Task.checkCancellation()
            if let done = try await finished(export) {
                meter.assemblyDone(export, bytes: done.bytes, reused: true)
                summaries.append(done)
                continue
            }
            meter.note("packaging \(plan.exports[export].format.rawValue)")
            let meter = meter
            let summary = try await crew.assemble(export) { meter.assembly(export, $0) }
            try check(summary, export: export)
            let note = notePath(export)
            let bytes = try [UInt8](JSONEncoder().encode(summary))
            try await crew.runner.io.run { try FileSystem.writeAtomically(note, bytes, mode: 0o640) }
            meter.assemblyDone(export, bytes: summary.bytes, reused: false)
            summaries.append(summary)
        }
        return summaries
    }

    private func notePath(_ export: Int) -> String {
        "\(crew.task.work.path)/assembled-\(export).json"
    }

    /// What an earlier run made of the export, if its package is still there in full.
    private func finished(_ export: Int) async throws -> AssemblySummary? {
        let note = notePath(export)
        let destination = crew.task.destination
        return try await crew.runner.io.run {
            guard FileSystem.exists(note),
                let summary = try? JSONDecoder().decode(AssemblySummary.self, from: Data(FileSystem.read(note, limit: 64 << 20))),
                let bytes = try? FileSystem.treeBytes("\(destination)/\(summary.file)"), bytes == summary.bytes
            else { return nil }
            return summary
        }
    }

    /// A worker is not trusted with paths: a package is one name in the destination.
    private func check(_ summary: AssemblySummary, export: Int) throws {
        guard !summary.file.isEmpty, !summary.file.contains("/"), !summary.file.hasPrefix(".") else {
            throw ExportError(
                .internal,
                "The worker named the package \"\(summary.file)\", which is no plain file name.",
                location: .init(export: export)
            )
        }
    }
}
