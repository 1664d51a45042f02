import ExportCore
import Files
import Glibc
import Synchronization

/// How a worker process ended.
public enum WorkerExit: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)
    /// It was killed and the kernel has not let it go yet, as happens while it waits for a network file system.
    case abandoned

    /// The end of the sentence "the worker …".
    public var description: String {
        switch self {
        case .exited(let status): "ended with status \(status)"
        case .signalled(SIGKILL): "was killed (signal 9), perhaps because memory ran out"
        case .signalled(let number): "died of signal \(number) (\(String(cString: strsignal(number))))"
        case .abandoned: "did not end when it was killed"
        }
    }
}

/// Two connected stream sockets.
///
/// They stand in for pipes because the kernel marks them close-on-exec as it makes them: a worker that inherited
/// another one's input would keep it from ever seeing the end.
struct SocketPair {
    var ours: Int32
    var theirs: Int32

    init?() {
        var descriptors: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &descriptors) == 0 else { return nil }
        (ours, theirs) = (descriptors[0], descriptors[1])
    }

    func closeBoth() {
        close(ours)
        close(theirs)
    }
}

/// One child process that speaks lines over its standard streams.
///
/// One thread owns the process: it spawns it, moves all bytes, sends every signal and reaps it. So no signal can hit a
/// recycled process number, a full pipe blocks nobody else, and a worker that asked for a signal at its parent's death
/// (which the kernel ties to the parent's thread) gets it only when the daemon has gone. A worker also sees the end of
/// its input then.
final class WorkerProcess: Sendable {
    /// A line longer than this ends the worker: 16 MiB.
    static let maximumLineBytes = 16 << 20
    /// How much of the end of its standard error is kept.
    static let maximumLogBytes = 16 << 10

    private struct State {
        var outgoing: [UInt8] = []
        var inputClosed = false
        var killAfter: Duration?
        var log: [UInt8] = []
        var ended = false
    }

    private let state = Mutex(State())
    private let wake: SocketPair?

    /// Starts a program in a process group of its own.
    /// - Parameters:
    ///   - onLine: Called on the process's thread for each line of its standard output, without the line's end.
    ///   - onEnd: Called once on the process's thread when it has ended, or where it could not be started.
    init(
        executable: String,
        arguments: [String],
        environment: [String],
        onLine: @escaping @Sendable ([UInt8]) -> Void,
        onEnd: @escaping @Sendable (Result<WorkerExit, FileError>) -> Void
    ) {
        wake = SocketPair()
        let reason = errno
        guard wake != nil else {
            markEnded()
            onEnd(.failure(FileError("make a channel for", executable, errno: reason)))
            return
        }
        let loop = WorkerLoop(
            process: self,
            executable: executable,
            arguments: arguments,
            environment: environment,
            onLine: onLine,
            onEnd: onEnd
        )
        let failure = startThread { loop.run() }
        if failure != 0 {
            markEnded()
            onEnd(.failure(FileError("start a thread for", executable, errno: failure)))
        }
    }

    deinit {
        wake?.closeBoth()
    }

    /// Queues bytes for the process's standard input.
    func send(_ bytes: [UInt8]) {
        state.withLock { $0.outgoing.append(contentsOf: bytes) }
        wakeUp()
    }

    /// Ends its standard input once everything queued is written; a worker ends then by itself.
    func closeInput() {
        state.withLock { $0.inputClosed = true }
        wakeUp()
    }

    /// Asks the process group to end (SIGTERM), and ends it (SIGKILL) where it has not after a while.
    func terminate(grace: Duration) {
        state.withLock { $0.killAfter = min($0.killAfter ?? grace, grace) }
        wakeUp()
    }

    /// The last lines that it wrote to standard error.
    var log: String {
        String(decoding: state.withLock { $0.log }, as: UTF8.self)
    }

    /// Whether the process has ended.
    var hasEnded: Bool {
        state.withLock { $0.ended }
    }

    private func wakeUp() {
        // A full channel means that the thread has been called already.
        if let wake { _ = Glibc.send(wake.ours, [1], 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
    }

    // MARK: For the process's thread

    /// Becomes readable when someone calls; -1 where there is no channel.
    var wakeDescriptor: Int32 { wake?.theirs ?? -1 }

    /// What others asked for since the last call.
    func take() -> (outgoing: [UInt8], inputClosed: Bool, killAfter: Duration?) {
        state.withLock { state in
            defer { state.outgoing = [] }
            return (state.outgoing, state.inputClosed, state.killAfter)
        }
    }

    /// Adds to the end of what is kept of its standard error.
    func appendLog(_ bytes: ArraySlice<UInt8>) {
        state.withLock {
            $0.log.append(contentsOf: bytes)
            if $0.log.count > Self.maximumLogBytes { $0.log.removeFirst($0.log.count - Self.maximumLogBytes) }
        }
    }

    /// Notes that it has ended.
    func markEnded() {
        state.withLock { $0.ended = true }
    }
}
