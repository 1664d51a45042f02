import ExportCore
import Files
import Formats
import Parquet

/// `meta/episodes` of a v3.0 dataset: a row for each episode, with where its frames are and its statistics.
final class EpisodesTable {
    /// Everything that a row says.
    struct Row {
        var index: Int
        var tasks: [String]
        var length: Int
        var data: FilePosition
        var firstFrame: Int
        var videos: [VideoFiles.Place]
        /// In the order of the features.
        var statistics: [FeatureStatistics]
    }

    /// Rows that make a row group: few enough to be held.
    private static let group = 256

    private let writer: ParquetWriter
    private let kinds: [Kind]
    private var held = 0

    /// How a feature's statistics are shaped.
    enum Kind {
        /// Numbers, whose least and greatest are numbers like them.
        case decimal
        case integer
        /// Three colours, each in lists of its own.
        case picture
    }

    /// - Parameter features: names and kinds of all features in order.
    init(path: String, videos: [String], features: [(name: String, kind: Kind)]) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        kinds = features.map(\.kind)
        var fields = [
            ParquetField("episode_index", .int64), ParquetField("tasks", .list(of: .string)), ParquetField("length", .int64),
            ParquetField("data/chunk_index", .int64), ParquetField("data/file_index", .int64), ParquetField("dataset_from_index", .int64),
            ParquetField("dataset_to_index", .int64),
        ]
        for video in videos {
            fields += [
                ParquetField("videos/\(video)/chunk_index", .int64), ParquetField("videos/\(video)/file_index", .int64),
                ParquetField("videos/\(video)/from_timestamp", .double), ParquetField("videos/\(video)/to_timestamp", .double),
            ]
        }
        for feature in features { fields += Self.statisticsFields(feature.name, feature.kind) }
        fields += [ParquetField("meta/episodes/chunk_index", .int64), ParquetField("meta/episodes/file_index", .int64)]
        writer = try ParquetWriter(creating: path, schema: try ParquetSchema(fields))
    }

    func append(_ row: Row) throws {
        func integer(_ value: Int) -> ParquetValue { .integer(Int64(value)) }
        var values: [ParquetValue] = [
            integer(row.index), .list(row.tasks.map { .string($0) }), integer(row.length), integer(row.data.chunk), integer(row.data.file),
            integer(row.firstFrame), integer(row.firstFrame + row.length),
        ]
        for video in row.videos {
            values += [integer(video.file.chunk), integer(video.file.file), .double(video.from), .double(video.to)]
        }
        for (statistics, kind) in zip(row.statistics, kinds) { values += Self.values(statistics, kind) }
        values += [integer(0), integer(0)]
        try writer.columns.append(row: values)
        held += 1
        if held == Self.group {
            try writer.endRowGroup()
            held = 0
        }
    }

    func finish() throws {
        try writer.finish()
    }

    private static func statisticsFields(_ name: String, _ kind: Kind) -> [ParquetField] {
        let number: ParquetType = kind == .picture ? .list(of: .list(of: .list(of: .double))) : .list(of: .double)
        let extreme: ParquetType = kind == .integer ? .list(of: .int64) : number
        var fields = [
            ParquetField("stats/\(name)/min", extreme), ParquetField("stats/\(name)/max", extreme),
            ParquetField("stats/\(name)/mean", number),
            ParquetField("stats/\(name)/std", number), ParquetField("stats/\(name)/count", .list(of: .int64)),
        ]
        fields += Quantile.all.map { ParquetField("stats/\(name)/\($0.name)", number) }
        return fields
    }

    private static func values(_ statistics: FeatureStatistics, _ kind: Kind) -> [ParquetValue] {
        func numbers(_ values: [Double]) -> ParquetValue {
            .list(values.map { kind == .picture ? .list([.list([.double($0)])]) : .double($0) })
        }
        func extremes(_ values: [Double]) -> ParquetValue {
            kind == .integer ? .list(values.map { .integer(Int64($0)) }) : numbers(values)
        }
        var values = [extremes(statistics.min), extremes(statistics.max), numbers(statistics.mean), numbers(statistics.std)]
        values.append(.list([.integer(Int64(statistics.count))]))
        values += statistics.quantiles.map(numbers)
        return values
    }
}
