public import Files
import Glibc
import Synchronization

/// What is known to have happened in the inbox since the last look: a hint, while the scan is the truth.
public struct InboxHint: Sendable {
    /// What was renamed into place, and so is whole: to be given to the next scan.
    public var movedIn: Set<InboxPath> = []
    /// Why changes are not all seen, where they aren't; the scans at intervals find them.
    public var problem: FileError?

    /// Nothing has happened.
    public init() {}
}

/// Watches the inbox with inotify on a thread of its own, and tells that it is worth a scan.
///
/// Hints are gathered, never queued: however many files come while nobody listens, one wake-up follows and one hint lists
/// them. An idle inbox costs nothing. Changes that other machines make are never seen, so the inbox is to be scanned at
/// intervals, too; at each of those `refresh` lets the watcher notice that the inbox is another folder by now.
public final class InboxWatcher: Sendable {
    /// Yields after something happened; then `take` says what.
    ///
    /// Ends after `stop`.
    public let wakeUps: AsyncStream<Void>
    private let shared: Shared

    /// Begins to watch a spool's inbox, which may be away for now.
    ///
    /// - Throws: `FileError` where the kernel gives no thread or file descriptor.
    public init(_ layout: SpoolLayout) throws(FileError) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wakeUps = stream
        shared = try Shared(inbox: layout.inbox, continuation: continuation)
        try shared.startThread()
    }

    deinit {
        shared.stop()
    }

    /// All that happened since the last call.
    public func take() -> InboxHint {
        shared.pending.withLock { pending in
            defer { pending = InboxHint(movedIn: [], problem: pending.problem) }
            return pending
        }
    }

    /// Lets the watcher compare what it watches with what lies at the inbox's path now.
    ///
    /// Returns at once.
    public func refresh() {
        shared.wake()
    }

    /// Ends the watch.
    ///
    /// The thread may be stuck in a file system that doesn't answer, so it is not waited for.
    public func stop() {
        shared.stop()
    }
}

extension InboxHint {
    init(movedIn: Set<InboxPath>, problem: FileError?) {
        self.movedIn = movedIn
        self.problem = problem
    }
}

/// What the watcher and its thread share; lives as long as either.
private final class Shared: Sendable {
    /// More names than this are left to the settle rule.
    static let maximumNames = 4096

    let pending = Mutex(InboxHint())
    private let inbox: String
    private let continuation: AsyncStream<Void>.Continuation
    /// A pipe that wakes the thread: a byte in it is all that matters, so a full one is as good.
    private let readEnd: Int32
    private let writeEnd: Int32
    private let stopped = Atomic<Bool>(false)

    init(inbox: String, continuation: AsyncStream<Void>.Continuation) throws(FileError) {
        self.inbox = inbox
        self.continuation = continuation
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FileError("make a pipe to watch", inbox, errno: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func startThread() throws(FileError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard error == 0 else {
            context.release()
            throw FileError("make a thread to watch", inbox, errno: error)
        }
        pthread_detach(thread)
    }

    func wake() {
        var byte: UInt8 = 0
        write(writeEnd, &byte, 1)
    }

    func stop() {
        stopped.store(true, ordering: .releasing)
        wake()
    }

    private func run() {
        var watches = InboxWatches(inbox: inbox)
        var isRefreshDue = true
        while !stopped.load(ordering: .acquiring) {
            if isRefreshDue {
                let isNew = watches.refresh()
                tell(InboxWatches.Changes(needsScan: isNew), problem: watches.problem)
            }
            var polled = [
                pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watches.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
            isRefreshDue = false
            if polled[0].revents != 0 {
                var bytes: [UInt8] = Array(repeating: 0, count: 64)
                while read(readEnd, &bytes, bytes.count) > 0 {}
                isRefreshDue = true
            }
            if polled[1].revents != 0 {
                let changes = watches.read()
                if changes.needsRefresh { isRefreshDue = true }
                tell(changes, problem: watches.problem)
            }
        }
        continuation.finish()
    }

    private func tell(_ changes: InboxWatches.Changes, problem: FileError?) {
        let isNews = pending.withLock { pending in
            let hadProblem = pending.problem
            pending.problem = problem
            let room = Self.maximumNames - pending.movedIn.count
            pending.movedIn.formUnion(changes.movedIn.prefix(max(room, 0)))
            return changes.needsScan || hadProblem != problem
        }
        if isNews { continuation.yield() }
    }
}
