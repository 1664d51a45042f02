import ArgumentParser
import Configuration
import ExportCore
import Files
import Glibc
import Jobs
import Logging
import Manual
import Service

/// The daemon: watches the spool, keeps the queue, runs workers, publishes packages.
@main
struct ExportDaemon: AsyncParsableCommand {
    /// EX_CONFIG of sysexits.h: what is wrong will not get better by trying again.
    static let badConfiguration = ExitCode(78)

    static let configuration = CommandConfiguration(
        commandName: "exportd",
        abstract: "Turns requests dropped into a spool into training data packages.",
        discussion: """
            Runs in the foreground and logs to standard error. SIGTERM and SIGINT stop it within 30 seconds; what was begun is \
            continued at the next start. SIGHUP reads the configuration again and looks through the inbox: stores, robots, quota, \
            roles, projects, retention, notify, faces, workers, retries, cache.max_bytes and limits (but max_request_bytes and \
            worker_memory) change at once, everything else at the next start. SIGUSR1 removes packages and sidecars that are kept \
            no longer.

            Exit status: 0 stopped as asked, 1 failed, 64 wrong usage, 78 the configuration cannot work.
            """,
        version: Version.current
    )

    @Option(name: .long, help: ArgumentHelp("The configuration file; without one everything has its default.", valueName: "file"))
    var config: String?

    @Flag(name: .long, help: "Check the configuration and everything that it names, print both, and exit.")
    var check = false

    @Option(
        name: .long,
        help: ArgumentHelp("The worker program.", discussion: "Default: export-worker beside this program.", valueName: "file")
    )
    var worker: String?

    @Flag(name: .long, help: "Log what is of use to developers, too.")
    var verbose = false

    @Flag(name: .long, help: "Print the manual page exportd(8) for man(1) to show, and exit.")
    var manual = false

    func run() async throws {
        if manual { return print(try Self.manualPage(), terminator: "") }
        ProcessMemory.keepFewPools()
        // A reader that goes away is an error of the write, not the end of the daemon.
        signal(SIGPIPE, SIG_IGN)
        if check {
            guard SelfCheck(configPath: config, worker: worker).run() else { throw Self.badConfiguration }
            return
        }
        let level: Logger.Level = verbose ? .debug : .info
        let style = ServiceLogHandler.styleOfStandardError()
        LoggingSystem.bootstrap { _ in ServiceLogHandler(level: level, style: style) }
        let logger = Logger(label: "exportd")
        let daemon: Daemon
        do {
            let configuration = try SiteConfiguration.load(config)
            let settings = try WorkerSettings.installed(at: worker, memory: configuration.limits.workerMemory)
            daemon = try Daemon(configuration: configuration, worker: settings, logger: logger)
        } catch {
            logger.critical("exportd cannot start.", metadata: Self.metadata(of: error))
            throw error.retryable ? ExitCode.failure : Self.badConfiguration
        }
        do throws(ExportError) {
            try await ServiceLoop(daemon: daemon, configPath: config, logger: logger).run()
        } catch {
            logger.critical("exportd cannot go on.", metadata: Self.metadata(of: error))
            throw ExitCode.failure
        }
    }

    private static func manualPage() throws -> String {
        try ManualPage(
            program: _dumpHelp(),
            section: 8,
            version: Version.current,
            files: [
                (SiteConfiguration.standardPath, "The configuration that the service is started with; see exportd.yaml(5)."),
                ("<spool>/inbox/", "Where requests are dropped, and answered by sidecars."),
                ("<spool>/outbox/<job>/", "The packages of finished jobs."),
                ("<spool>/status/index.html", "The service on one page, for a browser; queue.json and metrics.prom hold the same."),
            ],
            related: ["exportctl(1)", "export-request(5)", "exportd.yaml(5)", "systemd(1)"]
        ).text
    }

    static func metadata(of error: ExportError) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["reason": "\(error)"]
        for (number, detail) in error.details.enumerated() {
            let place = detail.location.map { "\($0.line.map(String.init) ?? "?"):\($0.column.map(String.init) ?? "?"): " } ?? ""
            metadata["problem_\(number + 1)"] = "\(place)\(detail.message)"
        }
        return metadata
    }
}
