import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Spool

/// Removes packages and sidecars that are older than the site keeps them, or that the site has no room for; never what the
/// ledger knows of their jobs.
struct Retention: Sendable {
    /// Jobs that are looked at in one transaction.
    private static let batch = 200

    let office: Office

    /// Goes through once.
    ///
    /// What can't be removed now is tried again the next time.
    func sweep() async {
        do {
            // What a sweep took out of the outbox and was stopped before it could remove.
            try await office.onSpool { [outbox = office.outbox] in try outbox.removeWithdrawn() }
            try await expireOld()
            try await expireForSpace()
            try await clearSidecars()
        } catch is CancellationError {
            return
        } catch {
            office.logger.warning("Old packages and sidecars could not be removed.", metadata: ["reason": "\(ExportError(error))"])
        }
    }

    private func expireOld() async throws {
        guard let age = office.configuration.retention.packages else { return }
        let before = cutoff(age)
        while true {
            try Task.checkCancellation()
            let old = try await office.onLedger { try $0.storedPackages(endedBefore: before, limit: Self.batch) }
            guard !old.isEmpty else { return }
            for packages in old {
                try Task.checkCancellation()
                try await expire(packages.job, "The packages were removed because they were older than the site keeps them (\(age.text)).")
            }
        }
    }

    private func expireForSpace() async throws {
        guard let most = office.configuration.retention.maximumBytes else { return }
        var stored = try await office.onLedger { try $0.storedBytes() }
        while stored > most {
            let oldest = try await office.onLedger { try $0.storedPackages(limit: Self.batch) }
            guard !oldest.isEmpty else { return }
            for packages in oldest where stored > most {
                try Task.checkCancellation()
                try await expire(packages.job, "The packages were removed to make room for newer ones.")
                stored -= packages.bytes
            }
        }
    }

    /// The ledger and the sidecar say that the packages are gone before they are.
    private func expire(_ id: JobID, _ reason: String) async throws {
        _ = try await office.onLedger { try $0.expire(id, reason: reason) }
        await office.report(id)
        try await office.onSpool { [outbox = office.outbox] in try outbox.withdraw(id) }
        office.logger.info("Packages have expired.", metadata: ["job": "\(id)"])
    }

    private func clearSidecars() async throws {
        guard let age = office.configuration.retention.sidecars else { return }
        let before = cutoff(age)
        while true {
            try Task.checkCancellation()
            let old = try await office.onLedger { try $0.uncleared(endedBefore: before, limit: Self.batch) }
            guard !old.isEmpty else { return }
            for job in old {
                try Task.checkCancellation()
                try await office.removeSidecars(of: job)
                try await office.onLedger { try $0.markCleared(job.id) }
            }
        }
    }

    private func cutoff(_ age: Duration) -> Timestamp {
        let (seconds, attoseconds) = age.components
        let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue + attoseconds / 1_000_000_000
        return Timestamp(nanoseconds: office.now().nanoseconds - nanoseconds)
    }
}

extension Duration {
    /// The whole days, or hours where it is less than two days.
    fileprivate var text: String {
        let hours = components.seconds / 3_600
        return hours < 48 ? "\(hours) h" : "\(hours / 24) days"
    }
}
