import ArgumentParser
import ExportCore
import Glibc

/// The program that touches the stores' bytes: it scans recordings, plans jobs, encodes parts and packages exports, one
/// command at a time, as JSON lines on standard input and output.
///
/// It trusts nobody: a hostile or broken recording can bring down a worker and nothing else. It ends when its input ends,
/// so that it never outlives the program that started it, however that one died.
@main
struct ExportWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-worker",
        abstract: "Carries out the daemon's commands on recordings; not meant to be run by hand.",
        version: Version.current
    )

    @Option(help: "The most private memory, in bytes, that this process may use; more than that fails the command.")
    var memoryLimit: UInt64?

    func run() throws {
        limitResources()
        let cancellation = Cancellation()
        let input = CommandInput(cancellation: cancellation)
        let output = ReplyOutput()
        let desk = OrderDesk(cancellation: cancellation, output: output)
        input.start()
        while let line = input.next() {
            desk.carryOut(line)
        }
    }

    /// Recordings are mapped, so the limit is on private data and not on address space; and a core file of a process that
    /// holds somebody's camera pictures helps nobody.
    private func limitResources() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        if let memoryLimit {
            var limit = rlimit(rlim_cur: rlim_t(memoryLimit), rlim_max: rlim_t(memoryLimit))
            setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
        }
        // A reader of our replies that went away is noticed by the end of the input, not by a signal.
        signal(SIGPIPE, SIG_IGN)
    }
}
