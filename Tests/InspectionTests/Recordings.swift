import Compression
import Files
import Foundation
import Inspection

/// A small MCAP file, byte by byte, so that these tests need no writer.
enum SmallRecording {
    /// Two topics in chunks without compression, indexed and closed.
    ///
    /// - Parameters:
    ///   - damage: changes the finished bytes.
    static func bytes(damage: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        var file: [UInt8] = magic + record(1, text("ros1") + text("a test"))
        let schema = record(3, number(UInt16(1)) + text("demo/Values") + text("ros1msg") + text(definition))
        let channel = record(4, number(UInt16(5)) + number(UInt16(1)) + text("/values") + text("ros1") + text(""))
        let bare = record(4, number(UInt16(6)) + number(UInt16(0)) + text("/bare") + text("cdr") + text(""))
        var indexes: [UInt8] = []
        for part in 0..<2 as Range<UInt64> {
            var records = schema + channel + bare
            var entries: [UInt16: [UInt8]] = [:]
            for message in 0..<3 as Range<UInt64> {
                let time = start + (part * 3 + message) * 500_000_000
                for (id, data) in [(UInt16(5), values), (6, Array("{}".utf8))] {
                    entries[id, default: []] += number(time) + number(UInt64(records.count))
                    records += record(5, number(id) + number(UInt32(message)) + number(time) + number(time + 7) + data)
                }
            }
            let times = number(start + part * 1_500_000_000) + number(start + part * 1_500_000_000 + 1_000_000_000)
            let size = number(UInt64(records.count))
            let place = file.count
            file += record(6, times + size + number(CRC32.of(records)) + text("") + size + records)
            let end = file.count
            var offsets: [UInt8] = []
            for (id, list) in entries.sorted(by: { $0.key < $1.key }) {
                offsets += number(id) + number(UInt64(file.count))
                file += record(7, number(id) + counted(list))
            }
            let lengths = number(UInt64(place)) + number(UInt64(end - place))
            indexes += record(8, times + lengths + counted(offsets) + number(UInt64(file.count - end)) + text("") + size + size)
        }
        file += record(
            9,
            number(start) + number(UInt64(0)) + text("notes.txt") + text("text/plain") + number(UInt64(2)) + [1, 2] + [0, 0, 0, 0]
        )
        file += record(0x0C, text("weather") + counted(text("sky") + text("grey\nwith rain")))
        file += record(0x0F, number(CRC32.of(file)))
        let summary = file.count
        file += schema + channel + bare + statistics + indexes
        let footer = [UInt8(2)] + number(UInt64(20)) + number(UInt64(summary)) + number(UInt64(0))
        file += footer + number(CRC32.of(Array(file[summary...]) + footer)) + magic
        damage(&file)
        return file
    }

    private static var statistics: [UInt8] {
        let counts = number(UInt64(12)) + number(UInt16(1)) + [UInt32(2), 1, 1, 2].flatMap { number($0) }
        let perChannel = number(UInt16(5)) + number(UInt64(6)) + number(UInt16(6)) + number(UInt64(6))
        return record(0x0B, counts + number(start) + number(start + 2_500_000_000) + counted(perChannel))
    }

    static let start: UInt64 = 1_700_000_000_123_456_789
    private static let definition =
        "int64 large\nuint64 larger\nint32 small\nfloat64 nothing\nfloat32 tenth\nuint8[] data\nstring words\ntime when\nduration lasting"
    /// One message of that definition, with values that JSON makes difficult.
    private static let values: [UInt8] =
        number(Int64.min) + number(UInt64.max) + number(Int32(-7)) + number(Double.nan.bitPattern) + number(Float(0.1).bitPattern)
        + counted([1, 2, 255]) + text("say \"hi\"\n") + number(UInt32(1_700_000_000)) + number(UInt32(1)) + number(Int32(-1))
        + number(Int32(5))

    static let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
    private static func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) } }
    private static func text(_ value: String) -> [UInt8] { counted(Array(value.utf8)) }
    private static func counted(_ bytes: [UInt8]) -> [UInt8] { number(UInt32(bytes.count)) + bytes }
    private static func record(_ opcode: UInt8, _ content: [UInt8]) -> [UInt8] { [opcode] + number(UInt64(content.count)) + content }
}

/// A folder for one test's files, which goes when it does.
final class Scratch {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "InspectionTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ bytes: [UInt8]) throws -> String {
        let path = folder.appending(path: "\(UUID().uuidString).mcap").path()
        try OpenFile.creating(path).write(bytes)
        return path
    }
}

/// What an inspection prints, and the problems that it returns.
func inspect(_ path: String, _ kind: Inspection.Kind, verifying: Bool = false) throws -> (text: String, problems: [String]) {
    var bytes: [UInt8] = []
    let problems = try Inspection(path: path, kind: kind, verifying: verifying).run(to: TextOutput { bytes += $0 })
    return (String(decoding: bytes, as: UTF8.self), problems)
}
