import Bundles
import ExportCore
import Files
import Foundation
import Testing

/// A path that goes away with the test.
private final class Place {
    let path = FileManager.default.temporaryDirectory.path + "/exportd-bundle-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func members(_ path: String) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    var reader = try BundleReader(path)
    while let member = try reader?.next() {
        var bytes: [UInt8] = []
        try reader?.read { bytes.append(contentsOf: $0) }
        #expect(bytes.count == member.bytes)
        found[member.path] = bytes
    }
    return found
}

@Suite struct BundleTests {
    @Test func `members come back as they were added, whatever their size`() throws {
        let place = Place()
        let contents: [(String, [UInt8])] = [
            ("labels/a.txt", Array("0 0.5 0.5\n".utf8)), ("labels/empty.txt", []), ("labels/厨房 1.txt", [1, 2, 3]),
            ("large", (0..<3_500_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }), (String(repeating: "p", count: 4_096), [9]),
        ]
        let writer = BundleWriter(place.path)
        for (path, bytes) in contents { try writer.add(path, bytes) }
        try writer.finish()
        #expect(try members(place.path) == Dictionary(uniqueKeysWithValues: contents))
    }

    @Test(arguments: [false, true])
    func `thousands of small members come in the order of their paths, wherever they lie`(isShuffled: Bool) throws {
        let place = Place()
        let writer = BundleWriter(place.path)
        for step in 0..<30_000 {
            // 7,919 is prime to 30,000, so each number comes once.
            let number = isShuffled ? step * 7_919 % 30_000 : step
            try writer.add("f/\(10_000 + number)", Array(String(repeating: "\(number) ", count: number % 40).utf8))
        }
        try writer.finish()
        var reader = try BundleReader(place.path)
        var number = 0
        while let member = try reader?.next() {
            #expect(member.path == "f/\(10_000 + number)")
            // Every third member is skipped unread.
            if number % 3 > 0 {
                var bytes: [UInt8] = []
                try reader?.read { bytes.append(contentsOf: $0) }
                #expect(bytes == Array(String(repeating: "\(number) ", count: number % 40).utf8))
            }
            number += 1
        }
        #expect(number == 30_000)
    }

    @Test func `a further name comes back as what it names, sorted among the others`() throws {
        let place = Place()
        let writer = BundleWriter(place.path)
        try writer.link("yolo/images/厨房.jpg", to: "images/厨房 1.jpg")
        try writer.add("yolo/data.yaml", [1, 2])
        try writer.finish()
        var reader = try BundleReader(place.path)
        var found: [String] = []
        while let member = try reader?.next() {
            var bytes: [UInt8] = []
            try reader?.read { bytes.append(contentsOf: $0) }
            found.append(member.isLink ? "\(member.path) -> \(String(decoding: bytes, as: UTF8.self))" : "\(member.path) \(bytes)")
        }
        #expect(found == ["yolo/data.yaml [1, 2]", "yolo/images/厨房.jpg -> images/厨房 1.jpg"])
        #expect(reader?.hasLinks == true)
    }

    @Test func `two members of one path are refused`() throws {
        let place = Place()
        let writer = BundleWriter(place.path)
        for path in ["b", "a", "b"] { try writer.add(path, []) }
        try writer.finish()
        let error = #expect(throws: ExportError.self) { _ = try members(place.path) }
        #expect(error?.code == .internal)
    }

    @Test func `without members there is no file, and nothing to read`() throws {
        let place = Place()
        try BundleWriter(place.path).finish()
        #expect(!FileSystem.exists(place.path))
        let isThere = try BundleReader(place.path) != nil
        #expect(!isThere)
    }

    @Test(arguments: ["", String(repeating: "p", count: 4_097)])
    func `a path that cannot be one is refused`(path: String) throws {
        let error = #expect(throws: ExportError.self) { try BundleWriter(Place().path).add(path, []) }
        #expect(error?.code == .internal)
    }

    @Test(arguments: [1, 11, 12, 15, 20])
    func `a bundle that is cut off is said to be damaged`(bytes: Int) throws {
        let place = Place()
        let writer = BundleWriter(place.path)
        try writer.add("a/b", Array("content".utf8))
        try writer.finish()
        let whole = try FileSystem.read(place.path, limit: 1 << 10)
        #expect(whole.count == 22)
        try FileSystem.writeAtomically(place.path, Array(whole.prefix(bytes)))
        let error = #expect(throws: ExportError.self) { _ = try members(place.path) }
        #expect(error?.code == .ioError)
        #expect(error?.message.contains(place.path) == true)
    }

    @Test(arguments: [[0, 0, 0, 0], [1, 16, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF]])
    func `a path's length that cannot be is damage`(length: [UInt8]) throws {
        let place = Place()
        try FileSystem.writeAtomically(place.path, length + [UInt8](repeating: 0, count: 10_000))
        #expect(throws: ExportError.self) { _ = try members(place.path) }
    }

    @Test func `a size beyond the end of the file is damage`() throws {
        let place = Place()
        try FileSystem.writeAtomically(place.path, [1, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8) + Array("abc".utf8))
        #expect(throws: ExportError.self) { _ = try members(place.path) }
    }
}
