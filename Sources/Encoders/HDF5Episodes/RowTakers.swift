import HDF5

/// Takes rows of numbers one after another.
protocol RowTaker: AnyObject {
    func append(_ row: [Float]) throws
    /// Writes what is still held, when there are no more rows.
    func finish() throws
}

/// Rows on their way to a dataset, written a block at a time.
final class RowBuffer<Element: HDF5Scalar> {
    private let dataset: HDF5Dataset
    private let width: Int
    private let block: Int
    private var held: [Element] = []
    private var written = 0

    init(dataset: HDF5Dataset, width: Int, block: Int) {
        self.dataset = dataset
        self.width = width
        self.block = block
    }

    func append(_ row: [Element]) throws {
        held += row
        if held.count >= block * width { try finish() }
    }

    func finish() throws {
        guard !held.isEmpty else { return }
        try dataset.writeRows(first: written, held)
        written += held.count / width
        held.removeAll(keepingCapacity: true)
    }
}

extension RowBuffer: RowTaker where Element == Float {}

/// For each row the one after it; the last stands for itself.
final class NextRows: RowTaker {
    private let target: RowBuffer<Float>
    private var last: [Float]?

    init(_ target: RowBuffer<Float>) {
        self.target = target
    }

    func append(_ row: [Float]) throws {
        if last != nil { try target.append(row) }
        last = row
    }

    func finish() throws {
        if let last { try target.append(last) }
        try target.finish()
    }
}

/// For each row by how much a second it changes: half the difference of the rows before and after it, at the ends that to the one
/// neighbour.
final class Velocities: RowTaker {
    private let target: RowBuffer<Float>
    private let rate: Double
    private var before: [Float]?
    private var last: [Float]?

    init(_ target: RowBuffer<Float>, rate: Double) {
        self.target = target
        self.rate = rate
    }

    func append(_ row: [Float]) throws {
        if let last { try target.append(change(from: before ?? last, to: row, steps: before == nil ? 1 : 2)) }
        before = last
        last = row
    }

    func finish() throws {
        if let last { try target.append(change(from: before ?? last, to: last, steps: 1)) }
        try target.finish()
    }

    private func change(from first: [Float], to second: [Float], steps: Double) -> [Float] {
        zip(first, second).map { Float((Double($1) - Double($0)) * rate / steps) }
    }
}
