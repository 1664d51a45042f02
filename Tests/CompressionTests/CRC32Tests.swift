import Compression
import Testing

@Suite struct CRC32Tests {
    @Test func `the check value of CRC-32 comes out`() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([]) == 0)
        #expect(CRC32.of([UInt8](repeating: 0, count: 32)) == 0x190A_55AD)
    }

    @Test func `a checksum does not depend on how its bytes are cut`() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        let whole = CRC32.of(bytes)
        for size in [1, 3, 15, 16, 17, 1000] {
            var checksum = CRC32()
            for start in stride(from: 0, to: bytes.count, by: size) {
                checksum.update(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(checksum.value == whole)
        }
    }
}
