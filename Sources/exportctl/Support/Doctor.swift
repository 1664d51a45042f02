import Configuration
import ExportCore
import Files
import Glibc
import Jobs
import Ledger
import Plans
import Requests
import Sidecars
import Spool

/// One thing that was looked at.
struct Finding: Encodable {
    enum State: String, Encodable {
        case good = "ok"
        case warning
        case broken
    }

    var subject: String
    var state: State
    var message: String
    var hint: String?
}

/// Looks at everything that exportd needs on this machine, from the point of view of the caller's account.
struct Doctor {
    private let site: SiteConfiguration
    private let spool: SpoolLayout

    init(_ site: SiteConfiguration) {
        self.site = site
        spool = SpoolLayout(root: site.spool)
    }

    /// All findings, in the order in which they would be repaired.
    func findings() async -> [Finding] {
        var findings = [account(), spoolFinding(), inbox()]
        findings += site.stores.map(store)
        findings.append(ledger())
        findings += [("work", site.work), ("outbox", spool.outbox)].map { space($0.0, $0.1) }
        findings.append(await worker())
        findings.append(await faces())
        return findings
    }

    private func account() -> Finding {
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        guard let name else {
            return Finding(
                subject: "account",
                state: .warning,
                message: "Your uid \(getuid()) has no name on this machine.",
                hint: "The daemon refuses requests of unknown owners."
            )
        }
        return Finding(subject: "account", state: .good, message: "You are \(name) (uid \(getuid())).")
    }

    private func spoolFinding() -> Finding {
        let folders = [spool.inbox, spool.outbox, spool.claimed, spool.rejected, spool.status]
        let missing = folders.filter { !FileSystem.exists($0) }
        guard missing.isEmpty else {
            return Finding(
                subject: "spool",
                state: .warning,
                message: "Not there yet: \(missing.joined(separator: ", ")).",
                hint: "The daemon makes them at its first start."
            )
        }
        do throws(FileError) {
            let kind = try spool.fileSystemKind()
            let events = kind.isNetwork ? "a network file system: requests are found by looking every 2 s" : "local"
            return Finding(subject: "spool", state: .good, message: "\(site.spool) is on \(kind.name) (\(events)).")
        } catch {
            return broken("spool", error)
        }
    }

    private func inbox() -> Finding {
        guard FileSystem.exists(spool.inbox) else { return Finding(subject: "inbox", state: .warning, message: "There is none yet.") }
        guard access(spool.inbox, R_OK | W_OK | X_OK) == 0 else {
            return Finding(
                subject: "inbox",
                state: .broken,
                message: "You may not write in \(spool.inbox).",
                hint: "Ask an administrator to add you to the group that owns it."
            )
        }
        return Finding(subject: "inbox", state: .good, message: "You may submit requests in \(spool.inbox).")
    }

    private func store(_ path: String) -> Finding {
        do throws(FileError) {
            let entries = try FileSystem.list(path).count
            let kind = try FileSystemKind(of: path)
            return Finding(subject: "store", state: .good, message: "\(path) can be read: \(entries) entries, on \(kind.name).")
        } catch {
            return broken("store", error)
        }
    }

    private func ledger() -> Finding {
        guard FileSystem.exists(site.ledger) else {
            return Finding(
                subject: "ledger",
                state: .warning,
                message: "There is none yet at \(site.ledger), or you may not look at it.",
                hint: "The daemon makes it at its first start; without it, status is read from the inbox."
            )
        }
        do {
            let kind = try FileSystemKind(of: FileSystem.parent(of: site.ledger))
            if kind.isNetwork, !site.allowNetworkLedger {
                return Finding(
                    subject: "ledger",
                    state: .broken,
                    message: "\(site.ledger) is on \(kind.name), a network file system, where SQLite may lose jobs.",
                    hint: "Set ledger to a path on a local disk."
                )
            }
            let counts = try Ledger.readOnly(path: site.ledger).counts()
            let jobs = counts.values.reduce(0, +)
            let waiting = (counts[.pending] ?? 0) + (counts[.processing] ?? 0)
            return Finding(
                subject: "ledger",
                state: .good,
                message: "\(site.ledger) is on \(kind.name) and holds \(Wording.count(jobs, "job")), \(waiting) of them not ended."
            )
        } catch {
            return broken("ledger", error)
        }
    }

    private func space(_ subject: String, _ path: String) -> Finding {
        var existing = path
        while !FileSystem.exists(existing), existing != "/" { existing = FileSystem.parent(of: existing) }
        do throws(FileError) {
            let free = try FileSystem.freeBytes(at: existing)
            let text = "\(Wording.bytes(free)) are free below \(existing)"
            guard free < site.limits.minimumFreeBytes else { return Finding(subject: subject, state: .good, message: "\(text).") }
            return Finding(
                subject: subject,
                state: .broken,
                message: "\(text), less than limits.min_free_bytes (\(Wording.bytes(site.limits.minimumFreeBytes))).",
                hint: "Free some space; jobs wait until then."
            )
        } catch {
            return broken(subject, error)
        }
    }

    /// Starts a worker and lets it answer on a site without stores: that loads every library it needs.
    private func worker() async -> Finding {
        do {
            let folder = "/tmp/exportctl-doctor-\(getuid())-\(getpid())"
            try FileSystem.makeDirectories(folder, mode: 0o700)
            defer { try? FileSystem.removeTree(folder) }
            let empty = SiteSettings(stores: [], catalog: "\(folder)/catalog.sqlite")
            let errand = try WorkerErrand(site)
            _ = try await errand.perform(.scan(ScanOrder(site: empty)))
            return Finding(subject: "worker", state: .good, message: "\(errand.program) starts and answers.")
        } catch {
            return broken("worker", error)
        }
    }

    /// Lets a worker open what looks for faces: a missing file would fail every job that asks for it.
    private func faces() async -> Finding {
        do {
            guard case .faces(let detectors) = try await WorkerErrand(site).perform(.checkFaces(FaceCheckOrder(site: SiteSettings(site))))
            else { throw WorkerErrand.mismatch }
            return Finding(subject: "faces", state: .good, message: "face_blur looks with \(detectors).")
        } catch {
            return broken("faces", error)
        }
    }

    private func broken(_ subject: String, _ error: any Error) -> Finding {
        let failure = ExportError(error)
        return Finding(subject: subject, state: .broken, message: failure.message, hint: failure.hint)
    }
}
