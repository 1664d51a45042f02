import ExportCore
import Formats

/// The rows that a part left behind, read from the first episode to the last.
final class PartRows {
    /// Some rows of a numeric feature.
    enum Block {
        case float([Float])
        case double([Double])
    }

    private enum Reader {
        case float(RowFile<Float>.Reader)
        case double(RowFile<Double>.Reader)
    }

    /// Rows that are read at a time.
    private static let block = 4_096

    private let readers: [Reader]
    private let captureTimes: RowFile<Int64>.Reader?
    private let tasks: RowFile<Int32>.Reader?

    init(_ files: PartFiles, features: FeatureTable, options: LeRobotOptions) throws {
        readers = try features.numerics.enumerated().map { number, feature in
            let path = files.rows(feature: number)
            switch options.stateType {
            case .float32: return .float(try RowFile<Float>(path: path, width: feature.columns.count).makeReader())
            case .float64: return .double(try RowFile<Double>(path: path, width: feature.columns.count).makeReader())
            }
        }
        captureTimes =
            features.hasCaptureTimes ? try RowFile<Int64>(path: files.captureTimes, width: features.cameras.count).makeReader() : nil
        tasks = options.subtasks == .frames ? try RowFile<Int32>(path: files.tasks, width: 1).makeReader() : nil
    }

    /// The next rows of a numeric feature.
    func forEachBlock(feature: Int, rows: Int, _ body: (Block) throws -> Void) throws {
        try Self.blocks(of: rows) { count in
            switch readers[feature] {
            case .float(let reader): try body(.float(try reader.read(rows: count)))
            case .double(let reader): try body(.double(try reader.read(rows: count)))
            }
        }
    }

    /// The next times at which frames were taken.
    func forEachCaptureBlock(rows: Int, _ body: ([Int64]) throws -> Void) throws {
        guard let captureTimes else { return }
        try Self.blocks(of: rows) { count in try body(try captureTimes.read(rows: count)) }
    }

    /// The next frames' tasks as positions in their episode's list.
    func taskPositions(rows: Int) throws -> [Int] {
        guard let tasks else { return Array(repeating: 0, count: rows) }
        return try tasks.read(rows: rows).map { Int($0) }
    }

    private static func blocks(of rows: Int, _ body: (Int) throws -> Void) throws {
        var left = rows
        while left > 0 {
            try body(min(block, left))
            left -= min(block, left)
        }
    }
}
