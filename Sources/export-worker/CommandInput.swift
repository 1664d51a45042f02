import Dispatch
import ExportCore
import Foundation
import Glibc
import Synchronization

/// Reads command lines on a thread of its own, so that the end of the input stops the command under way.
final class CommandInput: Sendable {
    /// Longer lines are no commands of ours.
    private static let maximumLine = 16 << 20
    /// How long a cancelled command may take to clean up behind itself.
    private static let graceSeconds: UInt32 = 5

    private let cancellation: Cancellation
    private let lines = Mutex<[[UInt8]]>([])
    private let ended = Atomic<Bool>(false)
    private let available = DispatchSemaphore(value: 0)

    init(cancellation: Cancellation) {
        self.cancellation = cancellation
    }

    func start() {
        let thread = Thread { self.readLines() }
        thread.name = "commands"
        thread.start()
    }

    /// The next command line, or nil at the end of the input.
    func next() -> [UInt8]? {
        available.wait()
        return lines.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private func readLines() {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        reading: while true {
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            pending += buffer[..<count]
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                lines.withLock { $0.append(line) }
                available.signal()
            }
            if pending.count > Self.maximumLine { break reading }
        }
        // Nobody waits for the answer any more: stop what is under way, and do not wait for it for ever.
        cancellation.cancel()
        available.signal()
        sleep(Self.graceSeconds)
        _exit(0)
    }
}
