import Foundation
import Testing

@testable import Encoders

/// Which image files are known in all that they show, and where they end.
@Suite struct StillFileTests {
    @Test func `a JPEG ends at its end, whatever a telephone appends`() throws {
        let portrait = try Self.portrait()
        #expect(Self.file(portrait)?.count == portrait.count)
        #expect(Self.file(portrait + portrait)?.count == portrait.count)
        #expect(Self.file(portrait + Array("ftypmp42".utf8))?.count == portrait.count)
    }

    @Test func `a JPEG that is cut off is none, wherever it is cut`() throws {
        let portrait = try Self.portrait()
        for count in stride(from: 0, to: portrait.count, by: 97) { #expect(Self.file(Array(portrait.prefix(count))) == nil) }
        #expect(Self.file(Array(portrait.dropLast())) == nil)
    }

    @Test func `a PNG ends behind its last chunk, and an animated one is none`() {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let whole = signature + Self.chunk("IHDR", 13) + Self.chunk("IDAT", 40) + Self.chunk("IEND", 0)
        #expect(Self.file(whole)?.count == whole.count)
        #expect(Self.file(whole + [1, 2, 3])?.count == whole.count)
        #expect(Self.file(Array(whole.dropLast())) == nil)
        let moving = signature + Self.chunk("IHDR", 13) + Self.chunk("acTL", 8) + Self.chunk("IDAT", 4) + Self.chunk("IEND", 0)
        #expect(Self.file(moving) == nil)
        #expect(Self.file(signature + [0xFF, 0xFF, 0xFF, 0xFF] + Array("IDAT".utf8) + [0, 0, 0, 0]) == nil)
    }

    @Test func `a WebP that moves or is cut off is none`() {
        func webP(_ flags: UInt8, length: UInt8) -> [UInt8] {
            Array("RIFF".utf8) + [length, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, flags] + [UInt8](repeating: 0, count: 9)
        }
        #expect(Self.file(webP(0, length: 22))?.kind == .webp)
        #expect(Self.file(webP(0, length: 22) + [7])?.count == 30)
        #expect(Self.file(webP(2, length: 22)) == nil)
        #expect(Self.file(webP(0, length: 23)) == nil)
    }

    @Test func `a GIF and an empty file are none`() {
        #expect(Self.file(Array("GIF89a".utf8) + [UInt8](repeating: 0, count: 40)) == nil)
        #expect(Self.file([]) == nil)
    }

    private static func file(_ bytes: [UInt8]) -> StillFile? { bytes.withUnsafeBytes { StillFile($0) } }

    private static func chunk(_ name: String, _ count: UInt8) -> [UInt8] {
        [0, 0, 0, count] + Array(name.utf8) + [UInt8](repeating: 0, count: Int(count) + 4)
    }

    private static func portrait() throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: tests.appending(path: "Fixtures/faces/astronaut.jpg")))
    }
}
