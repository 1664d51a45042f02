import Files
import Glibc

/// Pieces of a file, each read into memory that is used again.
///
/// Where bytes are looked at several times and then never again this costs less than touching them in a mapping: no pages are mapped and
/// unmapped, and all looks but the kernel's own find them in the processor's cache.
public final class FileWindow {
    private let file: OpenFile
    private let buffer: UnsafeMutableRawBufferPointer
    /// Which part of the file lies in the buffer, from its beginning on.
    private var held = 0..<0

    /// The longest piece.
    public static let size = 128 << 10
    /// A line of the processor's caches.
    private static let line = 64

    /// A window onto a file that is mapped.
    ///
    /// - Returns: `nil` where its path names another file by now, or can't be opened.
    public init?(onto mapped: MappedFile) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
        guard let file = try? OpenFile(mapped.path, flags: O_RDONLY | O_NONBLOCK), let status = try? file.status(),
            (status.device, status.inode) == (mapped.status.device, mapped.status.inode)
        else { return nil }
        self.file = file
        buffer = .allocate(byteCount: Self.size + Self.line, alignment: Self.line)
    }

    deinit {
        buffer.deallocate()
    }

    /// Calls `body` with a range of the file's bytes, which are valid during the call only.
    ///
    /// - Returns: `nil`, without calling it, where the range is longer than a window, or the file doesn't give all of it.
    public func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        guard range.count <= Self.size else { return nil }
        held = 0..<0
        // Where both lie alike within a cache line, the kernel's copying is a tenth faster than across lines.
        let start = range.lowerBound & (Self.line - 1)
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<(start + range.count)])
        return read(at: range.lowerBound, into: piece) ? body(UnsafeRawBufferPointer(piece)) : nil
    }

    /// Calls `body` with a range of the file's bytes, which are valid during the call only, and reads on behind it: for small pieces
    /// one after the other, which are then not read one by one.
    ///
    /// - Parameters:
    ///   - range: what is wanted.
    ///   - end: as far as may be read along; within the file.
    /// - Returns: `nil`, without calling it, where the range is longer than a window, or the file doesn't give all of it.
    /// - Throws: what `body` throws.
    @inline(__always)
    public func withBytes<R>(
        _ range: Range<Int>,
        readingOnTo end: Int,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R? {
        if range.lowerBound < held.lowerBound || range.upperBound > held.upperBound {
            guard hold(range.lowerBound..<max(range.upperBound, min(end, range.lowerBound + Self.size))) else { return nil }
        }
        let start = range.lowerBound - held.lowerBound
        return try body(UnsafeRawBufferPointer(rebasing: buffer[start..<(start + range.count)]))
    }

    private func hold(_ range: Range<Int>) -> Bool {
        held = 0..<0
        guard range.count <= Self.size, read(at: range.lowerBound, into: .init(rebasing: buffer[..<range.count])) else { return false }
        held = range
        return true
    }

    /// Fills memory that stays with the file's bytes from a place on.
    ///
    /// - Returns: whether the file gave all of them.
    public func read(at start: Int, into output: UnsafeMutableRawBufferPointer) -> Bool {
        var filled = 0
        while filled < output.count {
            let got = pread(file.descriptor, output.baseAddress?.advanced(by: filled), output.count - filled, off_t(start + filled))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return false }
            filled += got
        }
        return true
    }
}
