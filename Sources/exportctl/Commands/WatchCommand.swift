import ArgumentParser
import Configuration
import ExportCore
import Files
import FoundationEssentials
import Glibc
import Spool
import StatusPage

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows the queue as it moves, with a bar for each running job.",
        discussion: """
            Reads status/queue.json in the spool, so it works wherever the spool is mounted. On a terminal it draws over itself \
            until Ctrl-C; elsewhere it prints a line whenever a job's state or its whole percent changes.
            """
    )

    @Flag(help: "Print the queue as it is now and end.")
    var once = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let path = "\(SpoolLayout(root: try site.load().spool).status)/queue.json"
        if once {
            for line in WatchView(try read(path), columns: 100).lines { Output.line(line) }
            return
        }
        if isatty(STDOUT_FILENO) == 1 { try await draw(path) } else { try await log(path) }
    }

    /// Draws over what it drew before.
    private func draw(_ path: String) async throws {
        var drawn = 0
        while true {
            let (columns, rows) = Self.terminal()
            let lines: [String]
            do {
                lines = WatchView(try read(path), columns: columns).lines
            } catch {
                lines = ["\(ExportError(error))"]
            }
            let shown = lines.prefix(max(1, rows - 1)).map { String($0.prefix(columns)) }
            // Up to the first line drawn, then each line is cleared as it is written, and what is left below it.
            var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
            for line in shown { text += "\u{1B}[2K\(line)\n" }
            Output.write(text + "\u{1B}[J", to: STDOUT_FILENO)
            drawn = shown.count
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Prints what changes.
    private func log(_ path: String) async throws {
        var said: [JobID: String] = [:]
        var complaint: String?
        while true {
            do {
                let snapshot = try read(path)
                complaint = nil
                var now: [JobID: String] = [:]
                for entry in snapshot.recent.reversed() + snapshot.running + snapshot.queue {
                    let text = WatchView.plain(entry)
                    now[entry.job] = text
                    // What had ended before is history.
                    if said[entry.job] != text, !said.isEmpty || entry.finishedAt == nil { Output.line("\(entry.job) \(text)") }
                }
                said = now
            } catch {
                let text = "\(ExportError(error))"
                if complaint != text { Output.note(text) }
                complaint = text
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func read(_ path: String) throws -> ServiceSnapshot {
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.read(path, limit: 16 << 20)
        } catch {
            throw ExportError(
                .ioError,
                "The queue can't be read. \(error)",
                hint: "Check that the daemon runs on this spool.",
                retryable: true
            )
        }
        do {
            return try JSONDecoder().decode(ServiceSnapshot.self, from: Data(bytes))
        } catch {
            throw ExportError(.ioError, "\(path) holds no queue.", hint: "Use the exportctl that belongs to the daemon.", retryable: false)
        }
    }

    private static func terminal() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
