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

    @Test func `checksums of parts make up the checksum of the whole`() {
        for count in [0, 1, 2, 3, 7, 8, 31, 32, 33, 255, 256, 1 << 16 - 1, 1 << 16, 1 << 20 + 5] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 &>> 13) }
            for cut in Set([0, 1, count / 3, count / 2, count - 1, count]) where cut >= 0 && cut <= count {
                var checksum = CRC32()
                checksum.update(Array(bytes[..<cut]))
                checksum.append(CRC32.of(Array(bytes[cut...])), ofBytes: count - cut)
                #expect(checksum.value == CRC32.of(bytes), "\(cut) of \(count) bytes")
            }
        }
    }

    @Test func `checksums of gigabytes can be put together`() {
        // Zeros, doubled to 8 GiB: from one, and from a page of which the checksum is computed.
        func doubled(from count: Int) -> UInt32 {
            var checksum = CRC32()
            checksum.update([UInt8](repeating: 0, count: count))
            var count = count
            while count < 1 << 33 {
                checksum.append(checksum.value, ofBytes: count)
                count *= 2
            }
            return checksum.value
        }
        #expect(doubled(from: 1) == doubled(from: 4096))
    }
}
