internal import ExportCore

/// The blocks of one gzip stream on their way through its threads: filled by one thread, compressed by any, handed to the
/// output in order by whichever thread finds the next one ready.
///
/// Everything that changes is guarded by `lock`, except a block's content, which belongs to the one thread that took it;
/// hence unchecked. Every wait ends when a block moves on or the stream fails, and whoever waits for a free block does a
/// block's work meanwhile, so the threads can't wait for each other in a circle.
final class GzipPipeline: @unchecked Sendable {
    private let lock = ConditionLock()
    private let output: GzipStream.Output
    private let cancellation: Cancellation
    private let ring: [GzipBlock]
    /// What the thread that fills the blocks compresses with, where it does.
    private let fillerMember = GzipMember()
    /// How many blocks were submitted, taken for compression and handed to the output since the beginning.
    private var submitted = 0
    private var taken = 0
    private var written = 0
    private var isWriting = false
    private var isClosed = false
    private var failure: (any Error)?

    init(depth: Int, cancellation: Cancellation, output: @escaping GzipStream.Output) {
        self.output = output
        self.cancellation = cancellation
        ring = (0..<depth).map { _ in GzipBlock() }
    }

    /// Whether nothing was submitted yet.
    var isUnused: Bool { lock.withLock { submitted == 0 } }

    /// A block that may be filled; works on others until there is one.
    func emptyBlock() throws -> GzipBlock {
        while true {
            lock.lock()
            if let failure {
                lock.unlock()
                throw failure
            }
            if submitted - written < ring.count {
                let block = ring[submitted % ring.count]
                lock.unlock()
                block.clear()
                return block
            }
            step(fillerMember)
        }
    }

    /// Passes on a block that `emptyBlock` gave and that was filled since.
    func submit(_ block: GzipBlock) {
        lock.lock()
        block.isCompressed = false
        submitted += 1
        lock.broadcast()
        lock.unlock()
    }

    /// Works until all that was submitted has reached the output.
    func drain() throws {
        while true {
            lock.lock()
            if let failure {
                lock.unlock()
                throw failure
            }
            if written == submitted {
                isClosed = true
                lock.broadcast()
                lock.unlock()
                return
            }
            step(fillerMember)
        }
    }

    /// Ends the work of all threads, whatever is left.
    func stop() {
        fail(CancellationError())
    }

    /// What a thread of the stream does until its end.
    func work() {
        let member = GzipMember()
        while true {
            lock.lock()
            if failure != nil || isClosed {
                lock.unlock()
                return
            }
            step(member)
        }
    }

    /// Does one thing that is to be done, or waits until something changes; called with the lock held, releases it.
    private func step(_ member: GzipMember) {
        if !isWriting, written < taken, ring[written % ring.count].isCompressed {
            let block = ring[written % ring.count]
            isWriting = true
            lock.unlock()
            do {
                try cancellation.check()
                try output(block.member)
            } catch {
                fail(error)
                return
            }
            lock.lock()
            isWriting = false
            written += 1
            lock.broadcast()
        } else if taken < submitted {
            let block = ring[taken % ring.count]
            taken += 1
            lock.unlock()
            block.compress(with: member)
            lock.lock()
            block.isCompressed = true
            lock.broadcast()
        } else {
            lock.wait()
        }
        lock.unlock()
    }

    private func fail(_ error: any Error) {
        lock.lock()
        failure = failure ?? error
        lock.broadcast()
        lock.unlock()
    }
}

/// One block of input, and the member made of it.
final class GzipBlock {
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: GzipStream.blockBytes, alignment: 64)
    private let result = UnsafeMutableRawBufferPointer.allocate(byteCount: GzipMember.capacity(for: GzipStream.blockBytes), alignment: 64)
    private var inputBytes = 0
    /// The member that `compress` made, in pieces that follow each other; some of them are the input itself.
    private(set) var member: [UnsafeRawBufferPointer] = []
    /// Whether `member` is that of the block's present content; guarded by the pipeline's lock.
    var isCompressed = false

    deinit {
        input.deallocate()
        result.deallocate()
    }

    var isFull: Bool { inputBytes == input.count }
    var isEmpty: Bool { inputBytes == 0 }

    /// Where the bytes that come next belong.
    var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: input[inputBytes...]) }

    func clear() {
        inputBytes = 0
    }

    /// Takes as many bytes as there is room for, and tells how many; those that lie where they belong already are not copied.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = min(bytes.count, input.count - inputBytes)
        if bytes.baseAddress != UnsafeRawPointer(room.baseAddress) {
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
        }
        inputBytes += count
        return count
    }

    func compress(with maker: GzipMember) {
        member = maker.make(of: UnsafeRawBufferPointer(rebasing: input.prefix(inputBytes)), into: result)
    }
}
