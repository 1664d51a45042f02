import Testing

@testable import Encoders

@Suite struct PictureEndTests {
    private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 7, count: 100)
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 7, count: 100)
    private static let webp = Array("RIFF".utf8) + [104, 0, 0, 0] + Array("WEBP".utf8) + [UInt8](repeating: 7, count: 100)

    private func isMissing(_ file: [UInt8]) -> Bool {
        PictureEnd.isMissing(head: Array(file.prefix(4_096)), tail: file.suffix(PictureEnd.bytes), size: Int64(file.count))
    }

    @Test func `a JPEG ends with its mark, behind which cameras may put something`() {
        #expect(isMissing(Self.jpeg))
        #expect(!isMissing(Self.jpeg + [0xFF, 0xD9]))
        #expect(!isMissing(Self.jpeg + [0xFF, 0xD9] + [UInt8](repeating: 0, count: 3_000)))
        #expect(isMissing(Self.jpeg + [0xFF]))
    }

    @Test func `a PNG ends with its last chunk`() {
        #expect(isMissing(Self.png))
        #expect(!isMissing(Self.png + [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]))
        #expect(isMissing(Self.png + [0, 0, 0, 0] + Array("IEN".utf8)))
    }

    @Test func `a WebP is as long as it says`() {
        #expect(!isMissing(Self.webp))
        #expect(isMissing(Array(Self.webp.dropLast())))
    }

    @Test(arguments: [[], [0xFF], Array("GIF89a".utf8), Array("BM".utf8), Array("RIFF".utf8)])
    func `of other kinds nothing is said`(file: [UInt8]) {
        #expect(!isMissing(file))
    }
}
