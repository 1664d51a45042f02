public import ExportCore
import Files
import GRDB

/// How far a scan is.
public struct ScanProgress: Hashable, Sendable {
    /// Datasets that were opened.
    public var opened: Int
    /// Datasets that are to be opened, because they are new or changed.
    public var toOpen: Int
    /// The dataset that is opened next.
    public var current: DatasetID
}

/// What a scan found.
public struct ScanReport: Hashable, Sendable {
    /// Datasets in the catalogue now.
    public var datasets = 0
    /// Datasets that were opened because they are new or changed.
    public var opened = 0
    /// Datasets that vanished since the last scan.
    public var removed = 0
    /// Datasets that are there and can't be used, sorted by identifier.
    public var problems: [DatasetProblem] = []
    /// Places that were passed over: symbolic links, folders too deep, names that are not UTF-8.
    ///
    /// At most 100 a store.
    public var warnings: [Warning] = []
}

/// A dataset that can't be used, and why.
public struct DatasetProblem: Hashable, Sendable {
    /// Its name in the catalogue.
    public var id: DatasetID
    /// Why it can't be used.
    public var error: ExportError
}

extension Catalog {
    /// Brings the catalogue up to date.
    ///
    /// Looks at the names, sizes and times of the stores' files and opens only datasets that are new or changed; what was
    /// read is kept even where the scan is stopped.
    ///
    /// - Parameters:
    ///   - cancellation: looked at for every folder and every dataset.
    ///   - progress: called before every dataset that is opened.
    /// - Throws: `ExportError` where a store's root can't be listed or the index can't be written; `CancellationError`.
    @discardableResult
    public func scan(cancellation: Cancellation = Cancellation(), progress: (ScanProgress) -> Void = { _ in }) throws -> ScanReport {
        try Catalog.wording {
            try ScanLock.hold(index: path, cancellation: cancellation) {
                do {
                    return try scanWhileLocked(cancellation, progress)
                } catch let error as CatalogError where error.isDamage {
                    index = try index.rebuilt()
                    return try scanWhileLocked(cancellation, progress)
                }
            }
        }
    }

    private func scanWhileLocked(_ cancellation: Cancellation, _ progress: (ScanProgress) -> Void) throws -> ScanReport {
        var report = ScanReport()
        let known = try index.known()
        let survey = try survey(known, cancellation, &report.warnings)
        let names = DatasetNames.assign(survey.claims, stores: stores)

        let seen = Set(survey.places)
        let removed = known.filter { !seen.contains($0.key) }.map(\.value.key)
        let renamed = zip(survey.places, names).compactMap { place, name in
            known[place].flatMap { $0.id == name ? nil : (key: $0.key, id: name) }
        }
        try index.change(removing: removed, renaming: renamed)

        try read(survey.changed, names, cancellation, progress)
        if !removed.isEmpty || !survey.changed.isEmpty { try index.tidy() }
        report.datasets = survey.places.count
        report.opened = survey.changed.count
        report.removed = removed.count
        report.problems = try index.problems()
        return report
    }

    /// What a walk through all stores found.
    private struct Survey {
        var places: [CatalogIndex.Place] = []
        var claims: [DatasetNames.Claim] = []
        /// Datasets that are new or changed, with their positions among all and their stamps.
        var changed: [(position: Int, candidate: Candidate, stamp: String)] = []
    }

    private func survey(
        _ known: [CatalogIndex.Place: CatalogIndex.Known],
        _ cancellation: Cancellation,
        _ warnings: inout [Warning]
    ) throws -> Survey {
        var survey = Survey()
        for (position, store) in stores.enumerated() {
            var walker = StoreWalker(store: store, cancellation: cancellation)
            do {
                try walker.walk { candidate in
                    let place = CatalogIndex.Place(store: store, location: candidate.location)
                    let stamp = try candidate.stamp()
                    let old = known[place]
                    if old == nil || old?.stamp != stamp || old?.readAgain == true {
                        survey.changed.append((survey.places.count, candidate, stamp))
                    }
                    survey.places.append(place)
                    survey.claims.append(
                        DatasetNames.Claim(store: position, name: candidate.plainID, layoutRank: candidate.layout == .flat ? 1 : 0)
                    )
                }
            } catch let error as FileError {
                throw Catalog.unreachable(store, error)
            }
            warnings += walker.warnings
        }
        return survey
    }

    /// How many datasets are written in one transaction: few enough that a stopped scan loses little.
    private static let batch = 200

    private func read(
        _ changed: [(position: Int, candidate: Candidate, stamp: String)],
        _ names: [String],
        _ cancellation: Cancellation,
        _ progress: (ScanProgress) -> Void
    ) throws {
        guard !changed.isEmpty else { return }
        let mark = ReadingMark(index: path)
        defer { mark.end() }
        var rows: [CatalogIndex.Row] = []
        do {
            for (count, (position, candidate, stamp)) in changed.enumerated() {
                try cancellation.check()
                let id = DatasetID(names[position])
                progress(ScanProgress(opened: count, toOpen: changed.count, current: id))
                let place = CatalogIndex.Place(store: candidate.store, location: candidate.location)
                let mayRead = try mark.begin(place, stamp: stamp)
                let dataset = mayRead ? try reader.read(candidate, cancellation: cancellation) : Catalog.deadly(candidate, id)
                rows.append(CatalogIndex.Row(place: place, id: id.text, stamp: stamp, dataset: dataset))
                // What brought a scan down is noted at once, lest the next such dataset makes this one forgotten.
                if rows.count >= Catalog.batch || !mayRead {
                    try index.store(rows)
                    rows.removeAll(keepingCapacity: true)
                }
            }
        } catch let error as CancellationError {
            try index.store(rows)
            throw error
        }
        try index.store(rows)
    }

    /// A dataset that is not read again until one of its files changes.
    private static func deadly(_ candidate: Candidate, _ id: DatasetID) -> ScannedDataset {
        var dataset = ScannedDataset(layout: candidate.layout)
        dataset.files = candidate.files
        dataset.problem = ExportError(
            .datasetUnreadable,
            "Reading the dataset \(id) brought down the program \(ReadingMark.mostAttempts) times.",
            hint: "Please report it; until one of its files changes it is not opened again."
        )
        return dataset
    }
}

extension CatalogIndex {
    /// The datasets that can't be used, and why.
    func problems() throws -> [DatasetProblem] {
        try read { database in
            try CatalogIndex.entries(database, sql: "WHERE has_problem", []) { _, _ in true }
                .compactMap { entry in entry.problem.map { DatasetProblem(id: entry.id, error: $0) } }
        }
    }
}
