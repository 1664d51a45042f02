/// A compressor of one format that is kept and used again, by one thread at a time.
///
/// The same bytes give the same frame each time and on every machine with the same library.
public protocol Compressor: AnyObject {
    /// The compression's name, as MCAP spells it.
    static var format: String { get }

    /// Makes one frame of `input`, which tells its decompressed size, and calls `body` with it.
    ///
    /// The frame lies in memory that is used again: it is valid during the call only.
    ///
    /// - Throws: `CompressionError`; what `body` throws.
    func withFrame<R>(of input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R
}

/// Memory of which only the last content counts, so that growing it copies nothing.
final class FrameBuffer {
    private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { bytes.deallocate() }

    /// Makes room for `count` bytes; what was there is lost where there was less room.
    func reserve(_ count: Int) {
        guard bytes.count < count else { return }
        bytes.deallocate()
        bytes = .allocate(byteCount: count, alignment: 64)
    }

    /// The first `count` bytes.
    func prefix(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }
}
