import ExportCore
import FoundationEssentials
import Glibc
import Plans
import Synchronization

/// Writes replies as JSON lines on standard output, progress no oftener than needed.
final class ReplyOutput: Sendable {
    private static let progressInterval: Int64 = 200_000_000

    private let lastProgress = Mutex<Int64>(0)
    private let writing = Mutex<Void>(())

    /// Sends the final reply to a command.
    func send(_ event: WorkerEvent, to command: Int) {
        write(WorkerReply(id: command, event: event))
    }

    /// Sends progress unless the last was sent moments ago.
    func sendProgress(_ progress: WorkerProgress, to command: Int) {
        let now = Self.monotonicNanoseconds()
        let due = lastProgress.withLock { last in
            guard now - last >= Self.progressInterval else { return false }
            last = now
            return true
        }
        if due { write(WorkerReply(id: command, event: .progress(progress))) }
    }

    private func write(_ reply: WorkerReply) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Replies hold numbers, texts and lists only; the one thing JSON cannot hold, a number that is not finite, is kept
        // out of them by their makers, and such a reply is better lost with this process than sent half.
        guard var line = try? [UInt8](encoder.encode(reply)) else { _exit(70) }
        line.append(UInt8(ascii: "\n"))
        writing.withLock { _ in
            var written = 0
            while written < line.count {
                let count = line.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress?.advanced(by: written), $0.count - written) }
                if count < 0 {
                    if errno == EINTR { continue }
                    return
                }
                written += count
            }
        }
    }

    private static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
