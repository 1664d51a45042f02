import ExportCore
import Formats

/// Takes the rows of one numeric feature, episode after episode, into a file and into the statistics.
final class NumericRecorder {
    /// Values that are neither a number nor finite, which no normalisation survives.
    private(set) var notFinite = 0

    private let path: String
    private let width: Int
    private let store: Store
    private var moments: [Moments] = []
    private var first = 0
    private var rows = 0

    private enum Store {
        case float(RowFile<Float>.Writer)
        case double(RowFile<Double>.Writer)
    }

    init(path: String, width: Int, type: LeRobotOptions.StateType) throws {
        self.path = path
        self.width = width
        switch type {
        case .float32: store = .float(try RowFile<Float>(path: path, width: width).makeWriter())
        case .float64: store = .double(try RowFile<Double>(path: path, width: width).makeWriter())
        }
    }

    func begin() {
        first += rows
        rows = 0
        moments = Array(repeating: Moments(), count: width)
    }

    /// Statistics are those of the values as they are stored.
    func take(_ row: [Double]) throws {
        rows += 1
        for column in 0..<width {
            switch store {
            case .float(let writer):
                let value = Float(row[column])
                try writer.append(value)
                count(Double(value), column)
            case .double(let writer):
                try writer.append(row[column])
                count(row[column], column)
            }
        }
    }

    /// Ends the episode.
    func finish() throws -> FeatureStatistics {
        let quantiles = try OrderStatistics(width: width, count: rows).quantiles { body in try forEachRow(body) }
        return FeatureStatistics(moments, quantiles: quantiles)
    }

    private func count(_ value: Double, _ column: Int) {
        if !value.isFinite { notFinite += 1 }
        moments[column].add(value)
    }

    /// Goes through the rows of the episode as they were written.
    private func forEachRow(_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        switch store {
        case .float(let writer):
            try writer.flush()
            try RowFile<Float>(path: path, width: width).forEachRow(first..<first + rows, body)
        case .double(let writer):
            try writer.flush()
            try RowFile<Double>(path: path, width: width).forEachRow(first..<first + rows, body)
        }
    }
}
