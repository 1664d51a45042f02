import Bundles
import Encoders
import Encoding
import ExportCore
import Files
import Packaging
import Plans

/// Assembles one export from its finished parts and packages it.
struct ExportAssembly {
    let plan: Plan
    let order: AssembleOrder
    let cancellation: Cancellation
    let progress: @Sendable (WorkerProgress) -> Void

    func run() throws -> AssemblySummary {
        try run(plan.exports[order.export].makeEncoder())
    }

    private func run<E: Encoder>(_ encoder: E) throws -> AssemblySummary {
        let work = WorkFolder(path: order.work)
        let tree = work.outputPath(export: order.export)
        let bundle = work.bundlePath(export: order.export)
        // What an interrupted assembly left is no part of this one.
        try FileSystem.removeTree(tree)
        try FileSystem.removeFile(bundle)
        try FileSystem.makeDirectories(tree)
        let parts = try PartWork(plan: plan, work: work, cache: nil, threads: 1, cancellation: cancellation)
            .finishedParts(ofExport: order.export, by: encoder)
        guard !parts.isEmpty else {
            throw ExportError(
                .selectionEmpty,
                "No dataset is left to export: every one of them was skipped.",
                hint: "The skipped datasets and their errors stand in the job's warnings.",
                location: .init(export: order.export)
            )
        }
        let context = AssemblyContext(folder: tree, bundle: BundleWriter(bundle), cancellation: cancellation)
        var refusal: ExportError?
        do {
            try encoder.assemble(parts, in: context)
        } catch let refused as RefusedExport {
            refusal = refused.error
        }
        try context.bundle.finish()
        let records = parts.map(\.record)
        var manifest = Manifest(plan: plan, export: order.export, parts: records, skipped: plan.skipped + (try work.readSkipped()))
        manifest.planWarnings += context.warnings.all
        let total = Double(max(records.reduce(0) { $0 + $1.bytesWritten }, 1))
        let packager = Packager(destination: order.destination, threads: order.threads, cancellation: cancellation) { [progress] bytes in
            progress(WorkerProgress(fraction: min(1, Double(bytes) / total), bytesWritten: bytes))
        }
        let name = PackageName.of(plan, export: order.export)
        // Several exports share the folder of their job, so only what belongs to a single one can go without its name.
        let prefix = plan.exports.count == 1 ? "" : "\(name)."
        var summary = try packager.package(
            tree: tree,
            bundle: bundle,
            as: name,
            kind: plan.package,
            manifest: manifest,
            manifestName: prefix + Packager.manifestName,
            reportName: prefix + Packager.reportName
        )
        summary.refusal = refusal
        try FileSystem.removeTree(tree)
        try FileSystem.removeFile(bundle)
        return summary
    }
}
