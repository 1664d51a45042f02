import Bytes
import Testing

private func withCursor<R>(_ bytes: [UInt8], _ body: (inout Cursor) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes {
        var cursor = Cursor($0)
        return try body(&cursor)
    }
}

@Suite struct CursorTests {
    @Test func `integers are little-endian and may lie at any alignment`() throws {
        try withCursor([1, 0x34, 0x12, 0xEF, 0xBE, 0xAD, 0xDE, 8, 0, 0, 0, 0, 0, 0, 0x80]) { cursor throws in
            #expect(try cursor.read(UInt8.self) == 1)
            #expect(try cursor.read(UInt16.self) == 0x1234)
            #expect(try cursor.read(UInt32.self) == 0xDEAD_BEEF)
            #expect(try cursor.read(Int64.self) == Int64.min + 8)
            #expect(cursor.isAtEnd)
        }
    }

    @Test func `text and counted bytes end where their length says`() throws {
        try withCursor([2, 0, 0, 0, 0x68, 0x69, 1, 0, 0, 0, 0, 0, 0, 0, 7, 9]) { cursor throws in
            #expect(try cursor.readText() == "hi")
            #expect(try cursor.readCounted64().elementsEqual([7]))
            #expect(cursor.remaining == 1)
        }
    }

    @Test func `text that is not UTF-8 is repaired rather than refused`() throws {
        try withCursor([2, 0, 0, 0, 0xFF, 0x41]) { cursor throws in #expect(try cursor.readText() == "\u{FFFD}A") }
    }

    @Test(arguments: [1, UInt64(Int.max) - 8, UInt64(Int.max), UInt64(Int.max) + 1, UInt64.max])
    func `a length that reaches past the end throws and moves nothing`(length: UInt64) {
        let bytes = withUnsafeBytes(of: length.littleEndian) { [UInt8]($0) }
        withCursor(bytes) { cursor in
            #expect(throws: MalformedBytes.self) { try cursor.readCounted64() }
            #expect(cursor.offset == 0)
        }
    }

    @Test func `a read past the end throws, says what is missing, and moves nothing`() {
        withCursor([1, 2, 3]) { cursor in
            #expect(throws: MalformedBytes(offset: 0, needed: 4, available: 3)) { try cursor.read(UInt32.self) }
            #expect(throws: MalformedBytes.self) { try cursor.readCounted32() }
            #expect(throws: MalformedBytes.self) { try cursor.skip(-1) }
            #expect(throws: MalformedBytes.self) { try cursor.read(count: .max) }
            #expect(cursor.offset == 0)
        }
    }

    @Test func `an empty cursor is at its end`() {
        withCursor([]) { cursor in
            #expect(cursor.isAtEnd)
            #expect(throws: MalformedBytes.self) { try cursor.read(UInt8.self) }
        }
    }
}
