import Catalog
import Encoders
import Encoding
import ExportCore
import Formats
import Plans
import Requests

/// Turns selected datasets into a plan: every dataset checked against every export, divided into parts with keys.
struct PlanMaker {
    private let order: PlanOrder
    private let cancellation: Cancellation

    init(order: PlanOrder, cancellation: Cancellation) {
        self.order = order
        self.cancellation = cancellation
    }

    /// - Throws: with `on_dataset_error: fail` one error that lists every dataset that cannot be exported; with `skip` only
    ///   where no dataset is left.
    func plan(_ entries: [CatalogEntry]) throws -> Plan {
        let request = order.request
        let exports = try FaceBlurPlan(model: order.site.faceModel, cancellation: cancellation).resolve(request.exports)
        var plan = Plan(job: order.job, name: order.name, title: request.title, package: request.package, exports: exports)
        var estimates: [[(dataset: Int, estimate: PartEstimate)]] = Array(repeating: [], count: exports.count)
        let filter = AnnotationFilter(request.select, now: order.now)
        var sides = KindCounts()
        for entry in entries {
            try cancellation.check()
            let isImageSet = entry.layout == .imageSet
            sides.add(isImageSet)
            // Image formats are made of image sets and all others of recordings, so one selection may serve both.
            let takers = exports.indices.filter { exports[$0].format.takesImageSets == isImageSet }
            guard !takers.isEmpty else { continue }
            var dataset = PlannedDataset(entry, robots: order.site.robots)
            if isImageSet, !filter.isEmpty { dataset.annotationFilter = filter }
            do throws(ExportError) {
                if let problem = entry.problem { throw problem }
                let firsts = takers.map { estimates[$0].first.map { plan.datasets[$0.dataset] } }
                let taken = try check(dataset, for: takers, beside: firsts)
                for (export, estimate) in zip(takers, taken) { estimates[export].append((plan.datasets.count, estimate)) }
                plan.datasets.append(dataset)
                plan.warnings += entry.warnings
            } catch {
                plan.skipped.append(SkippedDataset(id: entry.id, error: error.at(dataset: entry.id)))
            }
        }
        try refuseBadDatasets(plan, selected: entries.count)
        for (export, options) in exports.enumerated() {
            if estimates[export].isEmpty { throw sides.emptiness(of: options.format, at: export) }
            if let warning = sides.warning(for: options.format) { plan.warnings.append(warning) }
            for (position, estimate) in estimates[export] {
                try cancellation.check()
                let key = try key(of: plan.datasets[position], options: options)
                plan.parts.append(PlannedPart(index: plan.parts.count, export: export, key: key, dataset: position, estimate: estimate))
            }
        }
        return plan
    }

    /// What one dataset will take in each of some exports.
    ///
    /// - Parameter firsts: for each of these exports the first dataset that stands in it, which all others must go with.
    /// - Throws: the first export's reason why it cannot be exported.
    private func check(
        _ dataset: PlannedDataset,
        for exports: [Int],
        beside firsts: [PlannedDataset?]
    ) throws(ExportError) -> [PartEstimate] {
        var estimates: [PartEstimate] = []
        for (export, first) in zip(exports, firsts) {
            do throws(ExportError) {
                let encoder = order.request.exports[export].makeEncoder()
                estimates.append(try encoder.estimate(dataset))
                if let first { try encoder.check(dataset, beside: first) }
            } catch {
                var placed = error.at(dataset: dataset.id)
                placed.location?.export = export
                throw placed
            }
        }
        return estimates
    }

    private func key(of dataset: PlannedDataset, options: ExportOptions) throws(ExportError) -> PartKey {
        func version(_ encoder: some Encoder) -> Int { type(of: encoder).version }
        return try PartKey(options: options, encoderVersion: version(options.makeEncoder()), dataset: dataset)
    }

    private func refuseBadDatasets(_ plan: Plan, selected: Int) throws(ExportError) {
        guard let first = plan.skipped.first else { return }
        let details = plan.skipped.map { ExportError.Detail($0.error.message, hint: $0.error.hint, location: $0.error.location) }
        let count = plan.skipped.count
        if plan.datasets.isEmpty || order.request.onDatasetError == .fail {
            if count == 1, selected == 1 { throw first.error }
            throw ExportError(
                first.error.code,
                "\(count) of the \(selected) selected datasets cannot be exported; the first: \(first.error.message)",
                hint: "Mend or deselect them"
                    + (order.request.onDatasetError == .fail ? ", or set on_dataset_error: skip to leave them out." : "."),
                location: first.error.location,
                details: details
            )
        }
    }
}

extension PlannedDataset {
    /// A catalogue entry as a plan holds it, with the mapping of its robot.
    init(_ entry: CatalogEntry, robots: [String: FeatureMapping]) {
        self.init(
            id: entry.id,
            layout: entry.layout,
            store: entry.store,
            files: entry.files,
            volumes: entry.volumes,
            fingerprint: entry.fingerprint,
            metadata: entry.metadata,
            segments: entry.segments,
            range: entry.range,
            topics: entry.topics,
            robotMapping: entry.metadata.robot.flatMap { robots[$0] }
        )
        imageSet = entry.imageSet
    }
}
