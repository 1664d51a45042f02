import ExportCore
import Files
import Formats
import FoundationEssentials
import Parquet

/// One table of frames: in v3.0 of as many episodes as fit, a row group each; in v2.1 of one.
final class DataTable {
    /// What the rows of an episode have in common, and where those come from that differ.
    struct Episode {
        var index: Int
        var firstFrame: Int
        var length: Int
        /// The number of each frame's task.
        var tasks: [Int64]
        /// Pictures of the episode for each camera in image mode.
        var pictures: [RowGroupFragment]
    }

    private let writer: ParquetWriter
    private let features: FeatureTable
    private let options: LeRobotOptions
    /// Frames in the table so far.
    private(set) var frames = 0

    init(path: String, features: FeatureTable, options: LeRobotOptions) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        self.features = features
        self.options = options
        writer = try ParquetWriter(creating: path, schema: try Self.schema(features, options))
    }

    /// Bytes of the table so far.
    var bytes: Int64 { writer.bytesWritten }

    /// Appends an episode as a row group.
    func append(_ episode: Episode, rows: PartRows) throws {
        let columns = writer.columns
        for (number, feature) in features.numerics.enumerated() {
            try rows.forEachBlock(feature: number, rows: episode.length) { block in
                let width = feature.columns.count
                switch block {
                case .float(let values):
                    if width == 1 {
                        try columns.numbers(feature.name, of: Float.self).append(contentsOf: values)
                    } else {
                        try columns.vectors(feature.name, of: Float.self, width: width).append(contentsOf: values)
                    }
                case .double(let values):
                    if width == 1 {
                        try columns.numbers(feature.name, of: Double.self).append(contentsOf: values)
                    } else {
                        try columns.vectors(feature.name, of: Double.self, width: width).append(contentsOf: values)
                    }
                }
            }
        }
        if features.hasCaptureTimes {
            try rows.forEachCaptureBlock(rows: episode.length) { values in
                if features.cameras.count == 1 {
                    try columns.numbers(FeatureTable.captureTimes, of: Int64.self).append(contentsOf: values)
                } else {
                    try columns.vectors(FeatureTable.captureTimes, of: Int64.self, width: features.cameras.count).append(contentsOf: values)
                }
            }
        }
        let rate = options.sampling.rate.value
        try columns.numbers("timestamp").append(contentsOf: (0..<episode.length).map { Float(Double($0) / rate) })
        try columns.numbers("frame_index").append(contentsOf: (0..<episode.length).map { Int64($0) })
        try columns.numbers("episode_index").append(repeating: Int64(episode.index), count: episode.length)
        try columns.numbers("index").append(contentsOf: (0..<episode.length).map { Int64(episode.firstFrame + $0) })
        try columns.numbers("task_index").append(contentsOf: episode.tasks)
        try writer.endRowGroup(with: episode.pictures)
        frames += episode.length
    }

    /// Completes the file.
    func finish() throws {
        let huggingFace = ArrowSchema.Entry("huggingface", features.huggingFaceMetadata(options: options))
        let arrow = ArrowSchema(features.arrowColumns(options: options), metadata: [huggingFace])
        try writer.finish(
            keyValues: [
                (ArrowSchema.metadataKey, Data(arrow.encoded).base64EncodedString()), (huggingFace.key, huggingFace.value),
            ]
        )
    }

    /// Pictures as `datasets` keeps them; what is compressed already is left as it is.
    static func pictureField(_ name: String) -> ParquetField {
        ParquetField(
            name,
            .structure([ParquetField("bytes", .binary, compression: .uncompressed), ParquetField("path", .string)])
        )
    }

    private static func schema(_ features: FeatureTable, _ options: LeRobotOptions) throws -> ParquetSchema {
        let number: ParquetType = options.stateType == .float32 ? .float : .double
        var fields = features.numerics.map { ParquetField($0.name, $0.columns.count == 1 ? number : .list(of: number)) }
        if features.hasCaptureTimes {
            fields.append(ParquetField(FeatureTable.captureTimes, features.cameras.count == 1 ? .int64 : .list(of: .int64)))
        }
        if options.images == .image { fields += features.cameras.map { pictureField($0.name) } }
        fields.append(ParquetField("timestamp", .float))
        fields += ["frame_index", "episode_index", "index", "task_index"].map { ParquetField($0, .int64) }
        return try ParquetSchema(fields)
    }
}
