internal import CISAL

/// Makes one gzip member (RFC 1952) of each block of bytes, with memory that is used again for every block.
///
/// Used by one thread at a time.
/// The bytes of a member follow from the block alone: the header holds no name and no time, and ISA-L's level 1 gives the
/// same bytes on every x86-64 processor with SSE 4.2 (its level 3 does not).
final class GzipMember {
    /// How a block is stored in its member.
    enum Method: Hashable {
        /// As it is, in stored deflate blocks: it is compressed content already.
        case stored
        /// Deflated, looking back at most 2 to the power of `windowBits` bytes.
        case deflated(windowBits: Int)
    }

    // The whole window of deflate, and one that keeps ISA-L from taking far matches, which cost more bits than they save
    // in tables of numbers.
    private static let wideWindow = 15
    private static let narrowWindow = 10
    // Four samples tell how to store a block; they cost an eighth of compressing it, for each window tried. Less than a
    // 64th saved is not worth a reader's and a writer's time: that is compressed content.
    private static let sampleCount = 4
    private static let sampleBytes = 16 << 10
    private static let leastSaving = 64
    // Short enough for the part of ISA-L that compresses the ends of streams.
    private static let flushedStart = 8
    private static let storedLimit = 65_535
    private static let storedHeaderBytes = 5
    // ID1 ID2, deflate, no flags, no time, no hint, unknown system.
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    private static let trailerBytes = 8

    private let stream: UnsafeMutablePointer<isal_zstream>
    private let level: UnsafeMutableRawBufferPointer
    private let scratch: UnsafeMutableRawBufferPointer

    init() {
        stream = .allocate(capacity: 1)
        level = .allocate(byteCount: Int(isal_level_1_buffer_bytes), alignment: 64)
        scratch = .allocate(byteCount: Self.sampleBytes * 2, alignment: 64)
    }

    deinit {
        stream.deallocate()
        level.deallocate()
        scratch.deallocate()
    }

    /// The most bytes that the member of a block of `count` bytes takes.
    static func capacity(for count: Int) -> Int {
        let storedHeaders = (count / storedLimit + 1) * storedHeaderBytes
        return header.count + count + storedHeaders + trailerBytes
    }

    /// The member of a block, as pieces that follow each other.
    ///
    /// What is stored as it is stays where it is: those pieces are the block's own bytes, so they hold as long as both the block and
    /// `output` are left alone.
    ///
    /// - Parameter output: takes what is not in the block; it must hold `capacity(for:)` bytes.
    func make(of block: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> [UnsafeRawBufferPointer] {
        precondition(output.count >= Self.capacity(for: block.count))
        output.copyBytes(from: Self.header)
        let body = UnsafeMutableRawBufferPointer(rebasing: output[Self.header.count..<(output.count - Self.trailerBytes)])
        if case .deflated(let windowBits) = method(for: block),
            let bytes = deflate(block, windowBits: windowBits, into: UnsafeMutableRawBufferPointer(rebasing: body.prefix(block.count)))
        {
            let end = Self.header.count + bytes
            finish(block, at: end, in: output)
            return [UnsafeRawBufferPointer(rebasing: output[..<(end + Self.trailerBytes)])]
        }
        return store(block, into: output)
    }

    /// Writes what stands behind the deflate blocks of a member.
    private func finish(_ block: UnsafeRawBufferPointer, at end: Int, in output: UnsafeMutableRawBufferPointer) {
        output.storeBytes(of: CRC32.of(block).littleEndian, toByteOffset: end, as: UInt32.self)
        output.storeBytes(of: UInt32(truncatingIfNeeded: block.count).littleEndian, toByteOffset: end + 4, as: UInt32.self)
    }

    /// How a block is best stored, judged by compressing samples spread over it.
    func method(for block: UnsafeRawBufferPointer) -> Method {
        let spread = Self.sampleCount * Self.sampleBytes
        guard block.count > spread else { return .deflated(windowBits: Self.wideWindow) }
        let stride = (block.count - Self.sampleBytes) / (Self.sampleCount - 1)
        let samples = (0..<Self.sampleCount).map { UnsafeRawBufferPointer(rebasing: block[($0 * stride)...].prefix(Self.sampleBytes)) }
        func bytes(windowBits: Int) -> Int {
            samples.reduce(0) { $0 + (deflate($1, windowBits: windowBits, into: scratch) ?? Self.sampleBytes) }
        }
        // Of bytes that are all as frequent, one sample tells: there may still be repetition in them.
        if Self.areEvenlySpread(samples) {
            let bytes = deflate(samples[1], windowBits: Self.wideWindow, into: scratch) ?? Self.sampleBytes
            if Self.sampleBytes - bytes < Self.sampleBytes / Self.leastSaving { return .stored }
        }
        let wide = bytes(windowBits: Self.wideWindow)
        guard spread - wide >= spread / Self.leastSaving else { return .stored }
        return .deflated(windowBits: bytes(windowBits: Self.narrowWindow) < wide ? Self.narrowWindow : Self.wideWindow)
    }

    /// Whether bytes are so evenly spread over their 256 values that a code by frequency saves next to nothing, as those of
    /// compressed content are.
    ///
    /// Looks at the start of each sample. The entropy in bits is at least that of the sum of squares, 7.85 here; that of JPEG data
    /// lies between 7.85 and 7.93. In whole numbers, so that it is the same everywhere.
    private static func areEvenlySpread(_ samples: [UnsafeRawBufferPointer]) -> Bool {
        // Two tables, since counting a byte anew waits for the count before it; and by index, since loops over slices are not always
        // specialised, without which this takes longer than all else.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 512) { counts in
            counts.initialize(repeating: 0)
            var all = 0
            for sample in samples {
                let count = sampleBytes / 4
                for index in stride(from: 0, to: count, by: 2) {
                    counts[Int(sample[index])] &+= 1
                    counts[256 &+ Int(sample[index &+ 1])] &+= 1
                }
                all += count
            }
            var squares = 0
            for value in 0..<256 {
                let count = Int(counts[value] &+ counts[256 &+ value])
                squares &+= count &* count
            }
            return squares &* 231 <= all &* all
        }
    }

    /// Deflates a block; nil where the result does not fit.
    private func deflate(_ block: UnsafeRawBufferPointer, windowBits: Int, into output: UnsafeMutableRawBufferPointer) -> Int? {
        isal_deflate_init(stream)
        stream.pointee.level = 1
        stream.pointee.level_buf = level.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.level_buf_size = UInt32(level.count)
        stream.pointee.gzip_flag = UInt16(IGZIP_DEFLATE)
        stream.pointee.hist_bits = UInt16(windowBits)
        // ISA-L only reads from there.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: block.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        // ISA-L 2.30 begins a longer stream by entering its own address into the table of earlier strings in place of the
        // third byte's hash, and so may miss a match or not, from one run to the next. A few bytes that are flushed by
        // themselves take another way through it.
        let start = min(block.count, Self.flushedStart)
        stream.pointee.avail_in = UInt32(start)
        stream.pointee.flush = UInt16(SYNC_FLUSH)
        stream.pointee.end_of_stream = 0
        guard isal_deflate(stream) == COMP_OK, stream.pointee.avail_in == 0 else { return nil }
        stream.pointee.avail_in = UInt32(block.count - start)
        stream.pointee.flush = UInt16(NO_FLUSH)
        stream.pointee.end_of_stream = 1
        guard isal_deflate(stream) == COMP_OK, stream.pointee.internal_state.state == ZSTATE_END else { return nil }
        return Int(stream.pointee.total_out)
    }

    /// The member of a block in stored deflate blocks (RFC 1951, 3.2.4), of which only what stands between them is written to `output`,
    /// behind the member's header.
    private func store(_ block: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> [UnsafeRawBufferPointer] {
        var pieces: [UnsafeRawBufferPointer] = []
        pieces.reserveCapacity((block.count / Self.storedLimit + 1) * 2 + 1)
        var read = 0
        var (start, end) = (0, Self.header.count)
        repeat {
            let count = min(Self.storedLimit, block.count - read)
            let isLast = read + count == block.count
            output[end] = isLast ? 1 : 0
            output.storeBytes(of: UInt16(count).littleEndian, toByteOffset: end + 1, as: UInt16.self)
            output.storeBytes(of: (~UInt16(count)).littleEndian, toByteOffset: end + 3, as: UInt16.self)
            end += Self.storedHeaderBytes
            pieces.append(UnsafeRawBufferPointer(rebasing: output[start..<end]))
            pieces.append(UnsafeRawBufferPointer(rebasing: block[read..<(read + count)]))
            start = end
            read += count
        } while read < block.count
        finish(block, at: end, in: output)
        pieces.append(UnsafeRawBufferPointer(rebasing: output[start..<(end + Self.trailerBytes)]))
        return pieces
    }
}
