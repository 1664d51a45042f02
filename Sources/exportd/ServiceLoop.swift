import Configuration
import ExportCore
import Jobs
import Logging
import Service
import UnixSignals

/// The daemon's life between start and stop: tells the service manager how it is, and does what signals ask for.
struct ServiceLoop: Sendable {
    let daemon: Daemon
    let configPath: String?
    let logger: Logger

    private enum Event: Sendable {
        case reload
        case stop
    }

    func run() async throws(ExportError) {
        let manager = ServiceManager.fromEnvironment()
        // Signals that come while the ledger is put in order are kept until somebody listens.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigusr1)
        manager.report("reading the ledger")
        try await daemon.start()
        logger.notice("exportd is ready.", metadata: ["version": "\(Version.current)"])
        manager.ready(status: await daemon.statusLine())

        let watchdog = Task {
            await Watchdog(manager: manager, interval: ServiceManager.watchdogInterval()) { await daemon.heartbeat() }.run()
        }
        let reporter = Task { await report(to: manager) }
        signals: for await signal in signals {
            switch signal {
            case .sighup: await reload(manager)
            case .sigusr1: daemon.prune()
            default: break signals
            }
        }
        reporter.cancel()
        logger.notice("exportd is stopping.")
        manager.stopping(status: await daemon.statusLine())
        let extender = Task {
            while true {
                manager.extendTimeout(by: .seconds(10))
                manager.report(await daemon.statusLine())
                try await Task.sleep(for: .seconds(2))
            }
        }
        await daemon.drain()
        extender.cancel()
        watchdog.cancel()
        logger.notice("exportd has stopped.")
    }

    /// Tells the manager what the daemon is doing whenever that has changed.
    private func report(to manager: ServiceManager) async {
        guard manager.isPresent else { return }
        var last = ""
        while !Task.isCancelled {
            let line = await daemon.statusLine()
            if line != last { manager.report(line) }
            last = line
            try? await Task.sleep(for: .seconds(10))
        }
    }

    private func reload(_ manager: ServiceManager) async {
        manager.reloading()
        do throws(ExportError) {
            let fixed = await daemon.reload(try SiteConfiguration.load(configPath))
            logger.notice("The configuration was read again.")
            if !fixed.isEmpty {
                logger.warning("Some changes need a restart.", metadata: ["keys": "\(fixed.joined(separator: ", "))"])
            }
        } catch {
            logger.error("The configuration stays as it was.", metadata: ExportDaemon.metadata(of: error))
        }
        daemon.rescan()
        manager.ready(status: await daemon.statusLine())
    }
}
