import ExportCore
import Files
import Glibc

/// What the thread of one worker process does, from the spawn to the reaping.
final class WorkerLoop: @unchecked Sendable {
    // Unchecked: made on one thread, handed to the process's own thread, and touched only there.
    private let process: WorkerProcess
    private let executable: String
    private let arguments: [String]
    private let environment: [String]
    private let onLine: @Sendable ([UInt8]) -> Void
    private let onEnd: @Sendable (Result<WorkerExit, FileError>) -> Void

    private var pid: pid_t = 0
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var errors: Int32 = -1
    private var outgoing: ArraySlice<UInt8> = []
    private var closing = false
    private var line: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    private var terminated = false
    private var killAt: ContinuousClock.Instant?
    private var giveUpAt: ContinuousClock.Instant?

    init(
        process: WorkerProcess,
        executable: String,
        arguments: [String],
        environment: [String],
        onLine: @escaping @Sendable ([UInt8]) -> Void,
        onEnd: @escaping @Sendable (Result<WorkerExit, FileError>) -> Void
    ) {
        self.process = process
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.onLine = onLine
        self.onEnd = onEnd
    }

    func run() {
        if let failure = spawn() {
            process.markEnded()
            return onEnd(.failure(failure))
        }
        while output >= 0 || errors >= 0 {
            obey()
            if let giveUpAt, ContinuousClock.now >= giveUpAt { break }
            wait()
        }
        closeAll()
        reap()
    }

    private func spawn() -> FileError? {
        var pairs: [SocketPair] = []
        for _ in 0..<3 {
            guard let pair = SocketPair() else {
                let failure = FileError("make a channel for", executable, errno: errno)
                pairs.forEach { $0.closeBoth() }
                return failure
            }
            pairs.append(pair)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pairs[0].theirs, 0)
        posix_spawn_file_actions_adddup2(&actions, pairs[1].theirs, 1)
        posix_spawn_file_actions_adddup2(&actions, pairs[2].theirs, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let result = withCStrings([executable] + arguments) { argv in
            withCStrings(environment) { envp in posix_spawn(&pid, executable, &actions, &attributes, argv, envp) }
        }
        for pair in pairs { close(pair.theirs) }
        (input, output, errors) = (pairs[0].ours, pairs[1].ours, pairs[2].ours)
        guard result == 0 else {
            closeAll()
            return FileError("start", executable, errno: result)
        }
        for descriptor in [input, output, errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        return nil
    }

    /// Does what others asked for since the last turn, and what has become due.
    private func obey() {
        let orders = process.take()
        outgoing += orders.outgoing
        closing = closing || orders.inputClosed
        let now = ContinuousClock.now
        if let grace = orders.killAfter {
            if !terminated { signal(SIGTERM) }
            terminated = true
            killAt = min(killAt ?? now + grace, now + grace)
        }
        if let due = killAt, now >= due, giveUpAt == nil {
            signal(SIGKILL)
            // Only a process inside an uninterruptible system call outlives this.
            giveUpAt = now + .seconds(1)
        }
        if outgoing.isEmpty, closing { closeDescriptor(&input) }
    }

    /// Sleeps until a stream has something, someone calls, or a deadline comes, and moves the bytes.
    private func wait() {
        var polls = [
            pollfd(fd: process.wakeDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            pollfd(fd: outgoing.isEmpty ? -1 : input, events: Int16(POLLOUT), revents: 0),
        ]
        _ = poll(&polls, nfds_t(polls.count), millisecondsToDeadline())
        if polls[0].revents != 0 {
            var calls = [UInt8](repeating: 0, count: 64)
            _ = Glibc.read(process.wakeDescriptor, &calls, calls.count)
        }
        if polls[1].revents != 0 { readLines() }
        if polls[2].revents != 0 { readErrors() }
        if polls[3].revents != 0 { writeOutgoing() }
    }

    private func millisecondsToDeadline() -> Int32 {
        guard let due = giveUpAt ?? killAt else { return -1 }
        let left = due - ContinuousClock.now
        return Int32(clamping: max(0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1))
    }

    private func readLines() {
        guard let got = read(from: &output) else { return }
        var rest = got
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line.append(contentsOf: rest[..<end])
            rest = rest[(end + 1)...]
            onLine(line)
            line.removeAll(keepingCapacity: true)
        }
        line.append(contentsOf: rest)
        if line.count > WorkerProcess.maximumLineBytes {
            line = []
            process.appendLog(ArraySlice("The worker wrote a line of more than \(WorkerProcess.maximumLineBytes >> 20) MiB.\n".utf8))
            signal(SIGKILL)
            giveUpAt = giveUpAt ?? ContinuousClock.now + .seconds(1)
        }
    }

    private func readErrors() {
        guard let got = read(from: &errors) else { return }
        process.appendLog(got)
    }

    /// What a stream holds now, or nil where that is nothing; a stream at its end is closed.
    private func read(from descriptor: inout Int32) -> ArraySlice<UInt8>? {
        let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { return chunk[..<count] }
        if count == 0 || (errno != EINTR && errno != EAGAIN) { closeDescriptor(&descriptor) }
        return nil
    }

    private func writeOutgoing() {
        let count = outgoing.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
        if count > 0 {
            outgoing = outgoing.dropFirst(count)
        } else if count < 0, errno != EINTR, errno != EAGAIN {
            outgoing = []
            closeDescriptor(&input)
        }
    }

    /// Waits for the end of a process that has closed its streams, or whose patience has run out.
    private func reap() {
        var status: Int32 = 0
        var pause: UInt32 = 1_000
        let deadline = ContinuousClock.now + .seconds(2)
        var killed = false
        while true {
            let result = waitpid(pid, &status, WNOHANG)
            if result == pid || (result < 0 && errno != EINTR) { break }
            let now = ContinuousClock.now
            if !killed, now >= deadline || terminated || giveUpAt != nil {
                signal(SIGKILL)
                killed = true
            }
            if now >= deadline + .seconds(1) {
                process.markEnded()
                onEnd(.success(.abandoned))
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                return
            }
            usleep(pause)
            pause = min(pause * 2, 50_000)
        }
        process.markEnded()
        let number = status & 0x7F
        onEnd(.success(number == 0 ? .exited((status >> 8) & 0xFF) : .signalled(number)))
    }

    private func signal(_ number: Int32) {
        kill(-pid, number)
    }

    private func closeDescriptor(_ descriptor: inout Int32) {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private func closeAll() {
        closeDescriptor(&input)
        closeDescriptor(&output)
        closeDescriptor(&errors)
    }
}

/// Calls a function with a null-terminated list of C strings that lives for the call.
private func withCStrings<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
    let pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
