import Configuration
import Plans
import Requests
import Sidecars

/// What the catalogue holds, after a scan.
enum CatalogListing {
    /// The datasets that a selection takes.
    static func datasets(_ select: Selection, _ configuration: SiteConfiguration) async throws -> [DatasetSummary] {
        let errand = try WorkerErrand(configuration)
        let order = ListOrder(site: errand.site, select: select, now: .now())
        guard case .datasets(let datasets) = try await errand.perform(.list(order)) else { throw WorkerErrand.mismatch }
        return datasets
    }
}
