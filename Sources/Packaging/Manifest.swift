public import ExportCore
public import Formats
public import Plans

/// What a package's `manifest.json` says of where its content comes from.
///
/// The list of its files is added while it is packaged. Nothing in it depends on when or where the package was made: the
/// same request on the same store with the same version gives the same bytes.
public struct Manifest: Sendable {
    /// The name and version of the manifest's shape.
    public static let schema = "exportd-manifest/1"

    /// The version of exportd that planned the job.
    public var exportd: String
    /// The package's name, without an extension.
    public var name: String
    /// The request's title.
    public var title: String?
    /// Format and resolved options.
    public var options: ExportOptions
    /// The selected datasets that the export takes, in order, but for those that were left out.
    public var datasets: [PlannedDataset]
    /// The datasets that were left out.
    public var skipped: [SkippedDataset]
    /// The finished parts, in order: what they count, warn of and report on their streams.
    public var parts: [PartRecord]
    /// What the user should know of the job as a whole.
    public var planWarnings: [Warning]

    /// The manifest of one export of a plan.
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - export: the position of the export in the request, from 0.
    ///   - parts: the records of the export's finished parts, in order.
    ///   - skipped: all datasets that were left out, while planning or later.
    public init(plan: Plan, export: Int, parts: [PartRecord], skipped: [SkippedDataset]) {
        let left = Set(skipped.map(\.id))
        exportd = plan.exportd
        name = PackageName.of(plan, export: export)
        title = plan.title
        options = plan.exports[export].resolved
        let own = Set(plan.parts.lazy.filter { $0.export == export }.map(\.dataset))
        datasets = plan.datasets.indices.filter { own.contains($0) && !left.contains(plan.datasets[$0].id) }.map { plan.datasets[$0] }
        self.skipped = skipped
        self.parts = parts
        planWarnings = plan.warnings
    }

    /// Episodes in all parts.
    public var episodes: Int { parts.reduce(0) { $0 + $1.episodes } }
    /// Ticks in all parts.
    public var frames: Int { parts.reduce(0) { $0 + $1.frames } }
    /// All warnings: the plan's, then those of the parts in order.
    public var warnings: [Warning] { planWarnings + parts.flatMap(\.warnings) }
}

/// Names of packages.
public enum PackageName {
    // A file name takes 255 bytes; extensions and the marks of unfinished files need some of them.
    private static let longest = 180

    /// The name of an export's package without its extension: `<name>_<format>`.
    ///
    /// From the second export of the same format on, a number follows. A very long request name is cut.
    public static func of(_ plan: Plan, export: Int) -> String {
        let format = plan.exports[export].format
        let number = plan.exports[...export].count { $0.format == format }
        var name = plan.name
        while name.utf8.count > longest { name.removeLast() }
        return "\(name)_\(format.rawValue)" + (number > 1 ? "_\(number)" : "")
    }

    /// - Throws: `internal` where a name is not that of one visible file, or leaves no room for an extension.
    static func check(_ name: String) throws(ExportError) {
        let isVisible = !name.isEmpty && !name.hasPrefix(".") && !name.utf8.contains(0) && !name.utf8.contains(UInt8(ascii: "/"))
        guard isVisible, name.utf8.count <= 220 else {
            throw ExportError(.internal, "\"\(name)\" cannot be the name of a package.", hint: "Give the request file another name.")
        }
    }
}
