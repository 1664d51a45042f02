import Checksums
import ExportCore
import Files
import Glibc
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `the examples of FIPS 180-4 come out`(text: String, digits: String) throws {
        #expect(try SHA256.digest(of: text).hexadecimal == digits)
    }

    @Test func `a hash does not depend on how its bytes are cut`() throws {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let whole = try SHA256.digest(of: bytes)
        for size in [1, 7, 63, 64, 65, 4096] {
            var hash = try SHA256()
            for start in stride(from: 0, to: bytes.count, by: size) {
                try hash.update(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(try hash.finish() == whole)
        }
    }

    @Test func `a file has the digest of its bytes`() throws {
        let path = "/tmp/exportd-sha256-\(getpid()).bin"
        defer { unlink(path) }
        let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try FileSystem.writeAtomically(path, bytes)
        let result = try SHA256.digest(ofFile: path)
        #expect(result.bytes == 3_000_001)
        #expect(try result.digest == SHA256.digest(of: bytes))
    }

    @Test func `a missing file is an error that names it`() {
        let error = #expect(throws: FileError.self) { try SHA256.digest(ofFile: "/nowhere/at/all") }
        #expect(error?.description == "Could not open /nowhere/at/all: No such file or directory.")
    }

    @Test func `a cancelled hash of a file stops`() throws {
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CancellationError.self) { try SHA256.digest(ofFile: "/proc/self/exe", cancellation: cancellation) }
    }
}
