import Configuration
import ExportCore
import Fields
import Files
import Glibc
import Jobs
import Ledger
import Spool

/// `exportd --check`: the configuration with all its defaults, and whether everything that it names can be used.
struct SelfCheck {
    let configPath: String?
    let worker: String?

    /// Prints settings and findings.
    /// - Returns: Whether the daemon could start.
    func run() -> Bool {
        let configuration: SiteConfiguration
        do throws(ExportError) {
            configuration = try SiteConfiguration.load(configPath)
        } catch {
            print(error)
            for detail in error.details {
                let place = [detail.location?.line, detail.location?.column].compactMap(\.self).map(String.init).joined(separator: ":")
                print("  \(place.isEmpty ? "" : "\(place): ")\(detail.message)\(detail.hint.map { " \($0)" } ?? "")")
            }
            return false
        }
        print(configuration.resolved.yaml)
        var usable = true
        for (name, finding) in findings(configuration) {
            print(
                "\(finding.problem == nil ? "ok     " : finding.isFatal ? "FAILED " : "warning") \(name)\(finding.problem.map { ": \($0)" } ?? "")"
            )
            if finding.problem != nil, finding.isFatal { usable = false }
        }
        return usable
    }

    private struct Finding {
        var problem: String?
        var isFatal = true
    }

    private func findings(_ configuration: SiteConfiguration) -> [(String, Finding)] {
        var findings: [(String, Finding)] = []
        func add(_ name: String, isFatal: Bool = true, _ check: () throws -> Void) {
            do {
                try check()
                findings.append((name, Finding()))
            } catch {
                findings.append((name, Finding(problem: ExportError(error).sentences, isFatal: isFatal)))
            }
        }
        add("spool \(configuration.spool)") {
            let layout = SpoolLayout(root: configuration.spool)
            // What is not there yet is made at the start; what is there must be right.
            if FileSystem.exists(layout.inbox) { try layout.check() } else { try checkParent(configuration.spool) }
        }
        add("ledger \(configuration.ledger)") { try checkLedger(configuration) }
        for folder in [configuration.work, configuration.cache.path] {
            add("folder \(folder)") { try checkParent(folder) }
        }
        for store in configuration.stores {
            // A store may be mounted later; exports of it fail until then.
            add("store \(store)", isFatal: false) { _ = try FileSystem.list(store) }
        }
        add("worker") { _ = try WorkerSettings.installed(at: worker, memory: configuration.limits.workerMemory) }
        return findings
    }

    private func checkLedger(_ configuration: SiteConfiguration) throws {
        if FileSystem.exists(configuration.ledger) {
            try Ledger.readOnly(path: configuration.ledger).close()
        } else {
            try checkParent(FileSystem.parent(of: configuration.ledger))
        }
        let kind = try FileSystemKind(of: nearestFolder(configuration.ledger))
        guard !kind.isNetwork || configuration.allowNetworkLedger else {
            throw ExportError(
                .ioError,
                "The ledger would lie on a network file system (\(kind.name)), where SQLite loses data.",
                hint: "Set `ledger` to a path on a local disk."
            )
        }
    }

    /// A folder that is not there yet can be made where the next one above it can be written.
    private func checkParent(_ path: String) throws {
        let folder = nearestFolder(path)
        guard access(folder, W_OK | X_OK) == 0 else { throw FileError("write in", folder, errno: errno) }
    }

    private func nearestFolder(_ path: String) -> String {
        var folder = path
        while folder != "/", !FileSystem.exists(folder) { folder = FileSystem.parent(of: folder) }
        return folder
    }
}

extension ExportError {
    /// Message and hint; the place stands beside them already.
    fileprivate var sentences: String {
        hint.map { "\(message) \($0)" } ?? message
    }
}
