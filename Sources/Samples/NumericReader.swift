import ExportCore
import Recordings

/// Reads one source's numbers from messages, in columns that stay the same although a message may list its joints in
/// another order.
final class NumericReader {
    private let source: FeaturePlan.NumericSource
    private let reader: TopicReader
    private let finiteOnly: Bool
    /// Joint names as the first message lists them; nil where the numbers have no names of their own.
    private var joints: [String]?
    /// The positions taken from a message's numbers, in order of the columns.
    private var selected: [Int] = []
    /// How many numbers a message must hold.
    private var width = 0
    /// What the columns are called.
    private(set) var columns: [String] = []

    /// - Parameter finiteOnly: whether a message with a number that is not finite gives no row.
    init(source: FeaturePlan.NumericSource, reader: TopicReader, finiteOnly: Bool) {
        self.source = source
        self.reader = reader
        self.finiteOnly = finiteOnly
    }

    /// The path of the field that is read.
    var field: String { source.field }

    /// - Throws: `request_invalid`, with the fields that there are, where the message type has no such field of numbers.
    func checkField() throws {
        try reader.checkNumbers(path: source.field)
    }

    /// Takes width and names from a message; false where it holds no numbers.
    ///
    /// - Throws: `option_unsupported` where the mapping asks for elements that the message has not.
    func learnColumns(from payload: Payload) throws -> Bool {
        guard let numbers = try numbers(in: payload), !numbers.isEmpty else { return false }
        let names = try names(in: payload)
        joints = names?.count == numbers.count ? names : nil
        width = numbers.count
        selected = try selection(of: numbers.count)
        let own = joints ?? unnamedColumns(count: numbers.count)
        let chosen = try renamed(selected.map { own[$0] })
        columns = source.prefix.map { prefix in chosen.map { "\(prefix).\($0)" } } ?? chosen
        return true
    }

    /// The row that a message gives, or nil where a number is missing.
    func values(in payload: Payload) throws -> [Double]? {
        guard let row = try row(in: payload), !finiteOnly || row.allSatisfy(\.isFinite) else { return nil }
        return row
    }

    private func row(in payload: Payload) throws -> [Double]? {
        guard let numbers = try numbers(in: payload) else { return nil }
        guard let joints else { return numbers.count == width ? selected.map { numbers[$0] * source.scale } : nil }
        guard let names = try names(in: payload), names.count == numbers.count else { return nil }
        if names == joints { return selected.map { numbers[$0] * source.scale } }
        return byName(names, numbers, joints)
    }

    private func byName(_ names: [String], _ numbers: [Double], _ joints: [String]) -> [Double]? {
        var values: [Double] = []
        for position in selected {
            guard let index = names.firstIndex(of: joints[position]) else { return nil }
            values.append(numbers[index] * source.scale)
        }
        return values
    }

    /// A message that cannot be taken apart holds no numbers.
    private func numbers(in payload: Payload) throws -> [Double]? {
        do {
            return try reader.numbers(path: source.field, in: payload)
        } catch  where !error.isCancellation {
            return nil
        }
    }

    private func names(in payload: Payload) throws -> [String]? {
        guard reader.topic.content == .jointState else { return nil }
        do {
            return try reader.names(in: payload)
        } catch  where !error.isCancellation {
            return nil
        }
    }

    private func selection(of count: Int) throws(ExportError) -> [Int] {
        guard let ranges = source.indices else { return Array(0..<count) }
        var positions: [Int] = []
        for range in ranges {
            guard range.lowerBound >= 0, range.upperBound < count else {
                throw ExportError(
                    .optionUnsupported,
                    "The mapping takes elements up to \(range.upperBound) of \(source.field) on \(source.topic), which has \(count).",
                    hint: "Elements are counted from 0."
                )
            }
            positions += Array(range)
        }
        return positions
    }

    private func renamed(_ own: [String]) throws(ExportError) -> [String] {
        guard let names = source.names else { return own }
        guard names.count == own.count else {
            throw ExportError(
                .optionUnsupported,
                "The mapping gives \(names.count) names for the \(own.count) elements of \(source.field) on \(source.topic).",
                hint: "Give one name for each element."
            )
        }
        return names
    }

    /// A single number is called by its field, or by the end of its topic where the field is only called data; several
    /// are counted.
    private func unnamedColumns(count: Int) -> [String] {
        let base = source.field == "data" ? String(source.topic.split(separator: "/").last ?? "data") : source.field
        return count == 1 ? [base] : (0..<count).map { "\(base)_\($0)" }
    }
}
