import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Plans
import Sidecars
import Spool

/// What a start of the daemon finds left by the last one, and puts in order before anything new begins.
struct Recovery: Sendable {
    let office: Office

    /// Puts the ledger in order: jobs that ran are continued, except those that have brought down the daemon before.
    func recoverLedger() async throws {
        let recovery = try await office.onLedger { try $0.recoverAfterCrash() }
        for job in recovery.requeued { office.logger.notice("A job is continued.", metadata: ["job": "\(job.id)"]) }
        for job in recovery.failed {
            office.logger.error("A job has brought down the daemon twice and is not started again.", metadata: ["job": "\(job.id)"])
            await office.close(job.id, keepParts: true)
        }
        for job in recovery.cancelled { await office.close(job.id, keepParts: false) }
    }

    /// Puts spool and work folder in order.
    ///
    /// What can't be, keeps nothing else from it.
    func recover(_ intake: Intake) async {
        await attempt { try await office.removeTemporaries() }
        await attempt { try await recoverClaims(intake) }
        await attempt { try await sweepWork() }
    }

    private func attempt(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            office.logger.error(
                "Not everything that an earlier run left could be put in order.",
                metadata: ["reason": "\(ExportError(error))"]
            )
        }
    }

    /// Looks at everything in `claimed/`: what never reached the ledger is entered, what has ended is reported and cleared
    /// away.
    private func recoverClaims(_ intake: Intake) async throws {
        let unfinished = try await office.onSpool { [claimer = office.claimer] in try claimer.unfinished() }
        for id in unfinished {
            await attempt {
                if let job = try await office.onLedger({ try $0.job(id) }) {
                    if job.state.isTerminal { await office.close(id, keepParts: true) }
                } else {
                    let outcome = try await office.onSpool { [claimer = office.claimer] in try claimer.reclaim(id) }
                    try await intake.adopt(outcome)
                }
            }
        }
    }

    /// Brings the sidecars of all jobs that have not ended to what the ledger says.
    func recoverSidecars() async {
        do {
            for some in try await office.onLedger({ try $0.openJobs() }).chunks(of: Office.atOnce) {
                try Task.checkCancellation()
                await office.report(Array(some))
            }
        } catch is CancellationError {
            // The next start does it all again.
        } catch {
            office.logger.error(
                "Sidecars of waiting jobs may be out of date until something happens to them.",
                metadata: ["reason": "\(ExportError(error))"]
            )
        }
    }

    /// Removes the work folders of jobs that have ended or that nobody knows.
    private func sweepWork() async throws {
        let folder = office.configuration.work
        let names = try await office.workQueue.run { FileSystem.exists(folder) ? try FileSystem.list(folder) : [] }
        for id in names.compactMap({ JobID($0) }) {
            let job = try await office.onLedger { try $0.job(id) }
            guard job.map(\.state.isTerminal) ?? true else { continue }
            try await office.runner().cleanUp(office.work(of: id), keepParts: job?.state != .cancelled)
        }
    }
}
