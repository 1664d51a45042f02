import Parquet
import TestSupport

extension SeededGenerator {
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// Makes up schemas and values for them.
struct TableMaker {
    var numbers: SeededGenerator

    init(seed: UInt64) { numbers = SeededGenerator(seed: seed) }

    mutating func schema() throws -> ParquetSchema {
        let names = ["observation.state", "a", "ü 拿杯子", "stats/x", "b c", "NULL", "d"]
        return try ParquetSchema((0..<1 + numbers.below(names.count)).map { field(names[$0], depth: 0) })
    }

    mutating func field(_ name: String, depth: Int) -> ParquetField {
        let compressions: [ParquetCompression?] = [nil, nil, nil, .uncompressed, .snappy, .zstd(level: 3)]
        return ParquetField(name, type(depth: depth), isRequired: numbers.chance(30), compression: compressions[numbers.below(6)])
    }

    mutating func type(depth: Int) -> ParquetType {
        if depth < 3, numbers.chance(40) {
            if numbers.chance(60) { return .list(of: type(depth: depth + 1), elementIsRequired: numbers.chance(30)) }
            if numbers.chance(30) { return .structure([ParquetField("bytes", .binary), ParquetField("path", .string)]) }
            return .structure((0..<1 + numbers.below(3)).map { field("f\($0)", depth: depth + 1) })
        }
        let types: [ParquetType] = [
            .boolean, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float, .double, .string, .binary,
            .fixedBinary(count: 3), .timestamp(.nanoseconds, isUTC: true), .timestamp(.microseconds, isUTC: false),
            .timestamp(.microseconds, isUTC: true), .timestamp(.nanoseconds, isUTC: false),
        ]
        return types[numbers.below(types.count)]
    }

    /// The cells of one column; some columns repeat few values, as those that a dictionary suits do.
    mutating func cells(of field: ParquetField, count: Int) -> [ParquetValue] {
        if numbers.chance(30) {
            let few = (0..<1 + numbers.below(5)).map { _ in value(field.type, isRequired: field.isRequired) }
            return (0..<count).map { _ in few[numbers.below(few.count)] }
        }
        return (0..<count).map { _ in value(field.type, isRequired: field.isRequired) }
    }

    mutating func value(_ type: ParquetType, isRequired: Bool) -> ParquetValue {
        if !isRequired, numbers.chance(15) { return .null }
        switch type {
        case .boolean: return .boolean(numbers.chance(50))
        case .int8: return .integer(Int64(number(Int8.self)))
        case .int16: return .integer(Int64(number(Int16.self)))
        case .int32: return .integer(Int64(number(Int32.self)))
        case .int64: return .integer(number(Int64.self))
        case .uint8: return .unsigned(UInt64(number(UInt8.self)))
        case .uint16: return .unsigned(UInt64(number(UInt16.self)))
        case .uint32: return .unsigned(UInt64(number(UInt32.self)))
        case .uint64: return .unsigned(number(UInt64.self))
        case .timestamp: return .integer(number(Int64.self) >> 3)
        case .float:
            let special: [Float] = [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.5]
            return .float(numbers.chance(30) ? special[numbers.below(8)] : Float(bitPattern: UInt32(truncatingIfNeeded: numbers.next())))
        case .double:
            let special: [Double] = [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.5]
            return .double(numbers.chance(30) ? special[numbers.below(8)] : Double(bitPattern: numbers.next()))
        case .string:
            let words = ["", "a", "Take the cup — 拿杯子", "🤖", "line\nbreak \"quoted\"", "\u{0}", String(repeating: "long ", count: 30)]
            return .string((0..<numbers.below(3)).map { _ in words[numbers.below(words.count)] }.joined())
        case .binary: return .binary((0..<numbers.below(numbers.chance(5) ? 3000 : 9)).map { _ in UInt8(numbers.below(256)) })
        case .fixedBinary(let count): return .binary((0..<count).map { _ in UInt8(numbers.below(256)) })
        case .list(let element, let isRequired):
            return .list((0..<numbers.below(5)).map { _ in value(element, isRequired: isRequired) })
        case .structure(let fields): return .structure(fields.map { value($0.type, isRequired: $0.isRequired) })
        }
    }

    private mutating func number<T: FixedWidthInteger>(_: T.Type) -> T {
        switch numbers.below(6) {
        case 0: .min
        case 1: .max
        case 2: 0
        default: T(truncatingIfNeeded: numbers.next())
        }
    }
}
