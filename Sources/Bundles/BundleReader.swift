internal import ExportCore
internal import Files
internal import Glibc

/// Reads the members of a bundle one after another.
///
/// Memory is bounded whatever the members' sizes: their bytes are handed on in pieces.
public struct BundleReader: ~Copyable {
    /// One member.
    public struct Member: Hashable, Sendable {
        /// Its path in the package.
        public var path: String
        /// How many bytes it has.
        public var bytes: Int64
    }

    private static let headBytes = 12
    private static let bufferBytes = 1 << 20

    private let file: OpenFile
    private let buffer: UnsafeMutableRawBufferPointer
    /// What of the buffer is read and not yet handed on.
    private var held = 0..<0
    private var fileRest: Int64
    private var memberRest: Int64 = 0

    /// Opens a bundle.
    ///
    /// - Returns: nil where there is none, which is what a writer without members leaves.
    public init?(_ path: String) throws {
        guard try FileSystem.statusIfPresent(of: path) != nil else { return nil }
        let file = try OpenFile.reading(path, nofollow: true)
        fileRest = try file.status().bytes
        self.file = file
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    /// The next member; nil behind the last one.
    ///
    /// What of the member before was not read is skipped.
    ///
    /// - Throws: `FileError`, or `io_error` where the bundle is damaged.
    public mutating func next() throws -> Member? {
        try read { _ in }
        guard !held.isEmpty || fileRest > 0 else { return nil }
        try fill(atLeast: Self.headBytes)
        let head = UnsafeRawBufferPointer(buffer)
        let length = Int(UInt32(littleEndian: head.loadUnaligned(fromByteOffset: held.lowerBound, as: UInt32.self)))
        let bytes = UInt64(littleEndian: head.loadUnaligned(fromByteOffset: held.lowerBound + 4, as: UInt64.self))
        guard length > 0, length <= BundleWriter.longestPath else { throw damage() }
        try fill(atLeast: Self.headBytes + length)
        let start = held.lowerBound + Self.headBytes
        let path = String(decoding: UnsafeRawBufferPointer(rebasing: buffer[start..<start + length]), as: UTF8.self)
        held = start + length..<held.upperBound
        guard bytes <= UInt64(fileRest) + UInt64(held.count) else { throw damage() }
        memberRest = Int64(bytes)
        return Member(path: path, bytes: memberRest)
    }

    /// Hands on what is left of the member, piece by piece; a small one mostly comes whole.
    ///
    /// - Throws: what `body` throws, `FileError`, or `io_error` where the bundle is damaged.
    public mutating func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while memberRest > 0 {
            if held.isEmpty { try fill(atLeast: 1) }
            let count = Int(min(memberRest, Int64(held.count)))
            let piece = held.lowerBound..<held.lowerBound + count
            held = piece.upperBound..<held.upperBound
            memberRest -= Int64(count)
            try body(UnsafeRawBufferPointer(rebasing: buffer[piece]))
        }
    }

    /// Reads on until so many bytes are held.
    private mutating func fill(atLeast count: Int) throws {
        guard held.count < count else { return }
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[held]))
        held = 0..<held.count
        while held.count < count {
            let got = Glibc.read(file.descriptor, buffer.baseAddress?.advanced(by: held.count), buffer.count - held.count)
            if got < 0 {
                if errno == EINTR { continue }
                throw FileError("read", file.path, errno: errno)
            }
            guard got > 0, Int64(got) <= fileRest else { throw damage() }
            fileRest -= Int64(got)
            held = 0..<held.count + got
        }
    }

    private func damage() -> ExportError {
        ExportError(
            .ioError,
            "\(file.path) is not what was written: it changed or is damaged.",
            hint: "Nothing else may write to the work folder; retry the job.",
            location: .init(file: file.path)
        )
    }
}
