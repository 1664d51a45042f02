import ExportCore
import Formats
import HDF5
import Plans

/// Writes `/meta`: how the episodes of a file were made, and from which datasets.
struct FileMetadata {
    let options: HDF5Options

    func write(of datasets: [PlannedDataset], episodes: Int, to file: HDF5File) throws(HDF5Error) {
        let meta = try file.root.makeGroup("meta")
        let sampling = options.sampling
        try meta.setAttribute("exportd_version", Version.current)
        try meta.setAttribute("layout", options.layout.rawValue)
        try meta.setAttribute("rate_hz", sampling.rate.value)
        try meta.setAttribute("sampling", sampling.method.rawValue)
        try meta.setAttribute("clock", sampling.clock.rawValue)
        try meta.setAttribute("strict_match", sampling.strictMatch ? "true" : "false")
        switch sampling.tolerance {
        case .auto: try meta.setAttribute("tolerance", "auto")
        case .nanoseconds(let nanoseconds): try meta.setAttribute("tolerance_ns", nanoseconds)
        }
        try meta.setAttribute("time_base", "timestamp_ns counts nanoseconds since 1970-01-01T00:00:00Z")
        try meta.setAttribute("images", options.imageStorage.rawValue)
        try meta.setAttribute("episodes", Int64(episodes))
        try meta.setAttribute("datasets", datasets.map(\.id.text))
        try meta.setAttribute("dataset_fingerprints", datasets.map(\.fingerprint))
    }
}
