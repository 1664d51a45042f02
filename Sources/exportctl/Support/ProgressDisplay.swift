import ExportCore
import Glibc
import Sidecars
import Synchronization

/// Shows how far a job is on standard error: a bar that is drawn over on a terminal, a plain line every few seconds
/// elsewhere.
final class ProgressDisplay: Sendable {
    private struct Shown {
        var time: ContinuousClock.Instant?
        var text = ""
        var hasBar = false
    }

    private let isTerminal: Bool
    private let shown = Mutex(Shown())

    init(isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
        self.isTerminal = isTerminal
    }

    /// Shows a state; what has not changed is not shown again.
    func show(_ progress: StatusDocument.Progress, state: JobState, queuePosition: Int? = nil) {
        let text = Self.text(progress, state: state, queuePosition: queuePosition)
        let now = ContinuousClock.now
        // Drawn under the lock: what was shown last is what was drawn last.
        shown.withLock { shown in
            guard text != shown.text else { return }
            if isTerminal {
                let line = "\(Self.bar(progress.percent)) \(text)"
                Output.write("\r\u{1B}[K" + String(Output.printable(line).prefix(max(Self.columns - 1, 20))), to: STDERR_FILENO)
                shown.hasBar = true
            } else {
                if let time = shown.time, now - time < .seconds(5), !state.isTerminal { return }
                Output.note(text)
            }
            shown.text = text
            shown.time = now
        }
    }

    /// Ends the bar's line, so that something else can be printed.
    func interrupt() {
        shown.withLock { shown in
            if shown.hasBar { Output.write("\n", to: STDERR_FILENO) }
            shown.hasBar = false
        }
    }

    /// Ends the display.
    func finish() {
        interrupt()
    }

    /// The state in words.
    static func text(_ progress: StatusDocument.Progress, state: JobState, queuePosition: Int?) -> String {
        switch state {
        case .pending:
            guard let queuePosition, queuePosition > 0 else { return "pending" }
            return "pending, \(Wording.count(queuePosition, "job")) before it"
        case .processing:
            var parts = ["\(Wording.oneDecimal(progress.percent)) %"]
            if progress.datasetsTotal > 0 { parts.append("\(progress.datasetsDone)/\(progress.datasetsTotal) datasets") }
            if progress.bytesRead > 0 { parts.append("\(Wording.bytes(progress.bytesRead)) read") }
            if progress.bytesWritten > 0 { parts.append("\(Wording.bytes(progress.bytesWritten)) written") }
            if let eta = progress.etaSeconds, progress.percent < 100 { parts.append(LengthOfTime.left(eta)) }
            if let current = progress.current { parts.append(current) }
            return parts.joined(separator: ", ")
        case .completed, .failed, .cancelled: return state.rawValue
        }
    }

    private static func bar(_ percent: Double) -> String {
        let width = 24
        let filled = min(width, max(0, Int(percent / 100 * Double(width))))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: "-", count: width - filled))]"
    }

    /// The terminal's width in columns.
    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
