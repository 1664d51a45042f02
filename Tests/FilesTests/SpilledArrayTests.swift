import ExportCore
import Files
import Foundation
import TestSupport
import Testing

/// Where the tests may mount a small file system, as they may in a container of their own.
private let canMount: Bool = {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "SpilledArrayTests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    try? FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    guard mount("none", scratch.path, "tmpfs", 0, "size=64k") == 0 else { return false }
    return umount(scratch.path) == 0
}()

@Suite struct SpilledArrayTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "SpilledArrayTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// A number with what was its place.
    private struct Entry: BitwiseCopyable, Hashable {
        var key: Int32
        var place: Int32
    }

    private func list<Element>(_ elements: [Element], heldBytes: Int = 64 << 10) throws -> SpilledArray<Element> {
        let writer = SpilledArrayWriter<Element>(in: folder.path, heldBytes: heldBytes)
        for element in elements { try writer.append(element) }
        #expect(writer.count == elements.count)
        return try writer.finish()
    }

    @Test(arguments: [0, 1, 7, 8, 9, 16, 17, 1_000, 20_000])
    func `a list gives what was written, whether it lies in memory or in a file`(count: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let numbers = (0..<count).map { Int64($0) * 0x1234_5678_9ABC - 5 }
        let list = try list(numbers, heldBytes: 8 * MemoryLayout<Int64>.stride)
        #expect(Array(list) == numbers)
        #expect(list.count == count)
        #expect(list.first == numbers.first && list.last == numbers.last)
        #expect(list.heldBytes == (count <= 8 ? count * 8 : 0))
        list.giveBack()
        #expect(list.elementsEqual(numbers))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `what a long list holds in memory does not grow with it`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for count in [20_000, 60_000] {
            let writer = SpilledArrayWriter<Int64>(in: folder.path)
            for number in 0..<count { try writer.append(Int64(number)) }
            // An array has room for more than it was asked for.
            #expect(writer.heldBytes <= 160 << 10)
            #expect(try writer.finish().heldBytes == 0)
            #expect(writer.heldBytes == 0)
        }
    }

    @Test func `what was taken away from the end is written anew`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for (first, left) in [(3, 1), (20, 19), (20, 3), (100, 0), (100, 100), (16, 8)] {
            let writer = SpilledArrayWriter<Int64>(in: folder.path, heldBytes: 64)
            for number in 0..<first { try writer.append(Int64(number)) }
            writer.truncate(to: left)
            #expect(writer.count == left)
            for number in 0..<50 { try writer.append(Int64(1_000 + number)) }
            #expect(Array(try writer.finish()) == (0..<left).map { Int64($0) } + (0..<50).map { Int64(1_000 + $0) })
        }
    }

    @Test(arguments: [1, 7, 8, 9, 30])
    func `many elements at once are written as one after another`(size: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let numbers = (0..<100).map { Int64($0) }
        let writer = SpilledArrayWriter<Int64>(in: folder.path, heldBytes: 64)
        try writer.append(-1)
        for start in stride(from: 0, to: numbers.count, by: size) {
            try writer.append(contentsOf: numbers[start..<min(start + size, numbers.count)])
            try writer.append(contentsOf: [])
        }
        #expect(writer.count == 101)
        #expect(Array(try writer.finish()) == [-1] + numbers)
    }

    @Test func `a writer that has given its list begins another`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let writer = SpilledArrayWriter<UInt16>(in: folder.path, heldBytes: 4)
        for number in 0..<10 { try writer.append(UInt16(number)) }
        let first = try writer.finish()
        try writer.append(77)
        #expect(Array(try writer.finish()) == [77])
        #expect(Array(first) == Array(0..<10))
    }

    @Test(arguments: [0, 1, 2, 1_000, 1 << 15, 1 << 15 + 1, 100_003], [1, 40, Int32.max])
    func `sorting is that of the standard library, and equal elements keep their order`(count: Int, keys: Int32) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var generator = SeededGenerator(seed: UInt64(count) ^ UInt64(keys))
        let entries = (0..<count).map { Entry(key: .random(in: 0..<keys, using: &generator), place: Int32($0)) }
        let sorted = try list(entries).sorted(in: folder.path) { $0.key < $1.key }
        #expect(sorted.elementsEqual(entries.sorted { $0.key < $1.key }))
    }

    @Test func `a list in order is not written again, and one that is nearly so is sorted`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var entries = (0..<70_000).map { Entry(key: Int32($0), place: 0) }
        // Nobody may write where this is.
        let ordered = try list(entries).sorted(in: "/nowhere") { $0.key < $1.key }
        #expect(ordered.elementsEqual(entries))
        for place in stride(from: 100, to: 70_000, by: 1_000) { entries.swapAt(place, place + 1) }
        entries.swapAt(5, 69_990)
        #expect(try list(entries).sorted(in: folder.path) { $0.key < $1.key }.elementsEqual(ordered))
    }

    @Test func `sorting ends when it is asked to`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let numbers = try list((0..<40_000).map { 40_000 - $0 })
        #expect(throws: CancellationError.self) {
            try numbers.sorted(in: folder.path, by: <) { throw CancellationError() }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `a directory that is not there is named`() throws {
        let writer = SpilledArrayWriter<Int64>(in: folder.appending(path: "none").path, heldBytes: 8)
        try writer.append(1)
        let error = #expect(throws: FileError.self) { try writer.append(2) }
        #expect(error?.path.hasSuffix("/none") == true)
        #expect(error?.exportError.code == .ioError)
    }

    @Test(.enabled(if: canMount, "needs the right to mount a tmpfs"))
    func `a full disk is an error of its own, and what was written before can be read`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try #require(mount("none", folder.path, "tmpfs", 0, "size=256k") == 0)
        defer { umount(folder.path) }
        let before = try list((0..<10_000).map { Int64($0) })
        #expect(before.heldBytes == 0)
        let writer = SpilledArrayWriter<Int64>(in: folder.path)
        let error = #expect(throws: FileError.self) {
            for number in 0..<1_000_000 { try writer.append(Int64(number)) }
        }
        #expect(error?.isFull == true)
        #expect(error?.exportError.code == .storageFull)
        #expect(before.elementsEqual((0..<10_000).map { Int64($0) }))
    }
}
