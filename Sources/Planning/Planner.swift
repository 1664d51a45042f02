import Catalog
public import ExportCore
import Formats
public import Plans
public import Requests

/// What a worker does before anything is encoded: brings the catalogue up to date, selects, checks and plans.
public struct Planner {
    private let site: SiteSettings
    private let cancellation: Cancellation

    /// A planner over a site's stores.
    public init(site: SiteSettings, cancellation: Cancellation) {
        self.site = site
        self.cancellation = cancellation
    }

    /// Brings the catalogue up to date with the stores.
    ///
    /// - Throws: `io_error` where a store or the index cannot be read.
    public func scan(progress: @escaping @Sendable (WorkerProgress) -> Void) throws -> ScanSummary {
        let catalog = try openCatalog()
        let report = try scan(catalog, progress)
        return ScanSummary(
            datasets: report.datasets,
            opened: report.opened,
            removed: report.removed,
            problems: report.problems.map { SkippedDataset(id: $0.id, error: $0.error) }
        )
    }

    /// The datasets that a selection takes, of a catalogue that is brought up to date first.
    public func list(
        _ selection: Selection,
        now: Timestamp,
        progress: @escaping @Sendable (WorkerProgress) -> Void
    ) throws -> [DatasetSummary] {
        let catalog = try openCatalog()
        _ = try scan(catalog, progress)
        return try catalog.list(selection, now: now).map {
            DatasetSummary(dataset: PlannedDataset($0, robots: site.robots), problem: $0.problem, warnings: $0.warnings)
        }
    }

    /// Selects, checks every dataset against every export, and writes `plan.json` where the order names a work folder.
    ///
    /// - Throws: `selection_empty`, or what makes the selected datasets unusable, all of them together.
    public func plan(_ order: PlanOrder, progress: @escaping @Sendable (WorkerProgress) -> Void) throws -> PlanSummary {
        let catalog = try openCatalog()
        _ = try scan(catalog, progress)
        let entries = try catalog.select(order.request.select, now: order.now, previous: order.previous)
        guard entries.count <= site.maximumDatasets else {
            throw ExportError(
                .requestInvalid,
                "The request selects \(entries.count) datasets; one job may take at most \(site.maximumDatasets).",
                hint: "Narrow the selection, or raise limits.max_datasets in the configuration."
            )
        }
        var plan = try PlanMaker(order: order, cancellation: cancellation).plan(entries)
        // A dataset that could not be opened may be one that the selection means; nobody should miss it in silence.
        for entry in try catalog.undecided(order.request.select, now: order.now) {
            let reason = entry.problem.map { " \($0.message)" } ?? ""
            plan.warnings.append(
                Warning(
                    "dataset_undecided",
                    "\(entry.id) cannot be read, so it is left open whether it was meant.\(reason)",
                    dataset: entry.id
                )
            )
        }
        if let work = order.work {
            let folder = WorkFolder(path: work)
            try folder.create()
            try folder.writePlan(plan)
        }
        return PlanSummary(plan)
    }

    /// Opens all detectors that requests of this site may ask for.
    ///
    /// - Returns: their names and versions.
    /// - Throws: `option_unsupported` where one cannot be opened.
    public func checkFaces() throws -> String {
        try FaceBlurPlan(model: site.faceModel, cancellation: cancellation).detectors()
    }

    private func openCatalog() throws -> Catalog {
        try Catalog(stores: site.stores, index: site.catalog, cancellation: cancellation)
    }

    private func scan(_ catalog: Catalog, _ progress: (WorkerProgress) -> Void) throws -> ScanReport {
        try catalog.scan(cancellation: cancellation) { scan in
            progress(WorkerProgress(fraction: Double(scan.opened) / Double(max(scan.toOpen, 1)), dataset: scan.current))
        }
    }
}

extension PlanSummary {
    /// What a plan comes to.
    fileprivate init(_ plan: Plan) {
        var exports = plan.exports.map { Export(format: $0.format, parts: 0, estimate: PartEstimate()) }
        for part in plan.parts {
            exports[part.export].parts += 1
            exports[part.export].estimate = exports[part.export].estimate + part.estimate
        }
        self.init(
            datasets: plan.datasets.map {
                Dataset(
                    id: $0.id,
                    bytes: $0.bytes,
                    segments: $0.segments.count,
                    fingerprint: $0.fingerprint,
                    project: $0.metadata.project
                )
            },
            exports: exports,
            skipped: plan.skipped,
            warnings: plan.warnings
        )
    }
}
