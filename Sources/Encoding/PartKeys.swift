import Checksums
public import ExportCore
public import Formats
import FoundationEssentials
public import Plans

extension PartKey {
    /// What a part's key is a hash of.
    ///
    /// Where the store is mounted does not matter; everything that can change a byte of the part does.
    private struct Material: Encodable {
        var format: FormatName
        var encoderVersion: Int
        var options: ExportOptions
        var dataset: Source

        struct Source: Encodable {
            var id: DatasetID
            var layout: DatasetLayout
            var fingerprint: String
            var metadata: DatasetMetadata
            var segments: [Segment]
            var robotMapping: FeatureMapping?
            var annotationFilter: AnnotationFilter?
        }
    }

    /// The key of a part: a SHA-256 over format, encoder version, resolved options, and the fingerprint, metadata and
    /// segments of its dataset.
    public init(options: ExportOptions, encoderVersion: Int, dataset: PlannedDataset) throws(ExportError) {
        let material = Material(
            format: options.format,
            encoderVersion: encoderVersion,
            options: options,
            dataset: .init(
                id: dataset.id,
                layout: dataset.layout,
                fingerprint: dataset.fingerprint,
                metadata: dataset.metadata,
                segments: dataset.segments,
                robotMapping: dataset.robotMapping,
                annotationFilter: dataset.annotationFilter
            )
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let text = [UInt8](try encoder.encode(material))
            let digest = try SHA256.digest(of: text)
            guard let key = PartKey(digest.hexadecimal) else {
                throw ExportError(.internal, "A SHA-256 came out as \(digest.hexadecimal), which is not 64 hexadecimal digits.")
            }
            self = key
        } catch {
            throw ExportError(error)
        }
    }
}
