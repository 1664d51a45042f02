public import ExportCore

/// Compresses a stream of bytes with gzip on several threads.
///
/// The stream is cut into blocks of a fixed size; each becomes a gzip member of its own, and the members follow each other
/// in order, which RFC 1952 makes one valid file. What comes out depends on what went in alone: never on the number of
/// threads, nor on how the bytes were cut when they were written.
///
/// Blocks of content that is compressed already (JPEG, video, zstd) are stored as they are. Memory is bounded by two
/// blocks for each thread and a few more.
public final class GzipStream {
    /// Takes a member: pieces that follow each other, which hold during the call only.
    public typealias Output = @Sendable (_ member: [UnsafeRawBufferPointer]) throws -> Void

    /// Bytes to a block; it decides the output, so it must not depend on the machine.
    static let blockBytes = 512 << 10

    private let pipeline: GzipPipeline
    private let workers: [WorkerThread]
    private var current: GzipBlock?
    private var isFinished = false

    /// A stream that hands its members to `output`, in order and one at a time, on any of its threads.
    ///
    /// - Parameters:
    ///   - threads: how many threads may work, the caller's own included; at least 1.
    ///   - cancellation: ends the work at the next block.
    ///   - output: takes each member; what it throws comes out of `write` or `finish`.
    public init(threads: Int, cancellation: Cancellation, output: @escaping Output) {
        let width = min(max(threads, 1), 256)
        // A thread alone finishes each block while it is in the processor's cache.
        let pipeline = GzipPipeline(depth: width == 1 ? 1 : width + 2, cancellation: cancellation, output: output)
        self.pipeline = pipeline
        // Where the system refuses a thread the others, and at least the caller's own, do its work.
        workers = (1..<width).compactMap { _ in WorkerThread { pipeline.work() } }
    }

    deinit {
        pipeline.stop()
        // No thread of this stream outlives it, so nothing calls the output any more.
        for worker in workers { worker.join() }
    }

    /// Where further bytes of the stream may be put before they are given to `write`, which then need not copy them; never empty, and
    /// valid until `write` or `finish`.
    ///
    /// - Throws: as `write`.
    public func room() throws -> UnsafeMutableRawBufferPointer {
        let block = try current ?? pipeline.emptyBlock()
        current = block
        return block.room
    }

    /// Compresses further bytes of the stream.
    ///
    /// - Throws: what `output` threw, or `CancellationError`; the stream is of no use afterwards.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let block = try current ?? pipeline.emptyBlock()
            current = block
            rest = rest.dropFirst(block.append(UnsafeRawBufferPointer(rebasing: rest)))
            if block.isFull {
                current = nil
                pipeline.submit(block)
            }
        }
    }

    /// Compresses what is left, and returns when `output` has taken the last member.
    ///
    /// A stream without bytes gives one empty member.
    ///
    /// - Throws: what `output` threw, or `CancellationError`.
    public func finish() throws {
        guard !isFinished else { return }
        isFinished = true
        if current == nil, pipeline.isUnused { current = try pipeline.emptyBlock() }
        // One that was only asked for adds no member.
        if let block = current, !block.isEmpty || pipeline.isUnused { pipeline.submit(block) }
        current = nil
        try pipeline.drain()
    }
}
