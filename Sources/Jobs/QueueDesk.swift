import ExportCore
import Ledger
import Requests
import Sidecars

/// Carries out requests about the queue.
struct QueueDesk: Sendable {
    let office: Office
    let control: JobControl

    /// - Returns: What was done, for the request's own status.
    /// - Throws: `ExportError` where the user may not do that.
    func carryOut(_ request: QueueRequest, by identity: Identity) async throws -> [Warning] {
        let permission = Permission(site: office.configuration)
        switch request.action {
        case .pause, .resume:
            let pauses = request.action == .pause
            if let refusal = permission.administratorsOnly(identity, "\(request.action.rawValue) the queue") { throw refusal }
            let isNew = try await office.onLedger { try $0.setPaused(pauses, by: identity.actor) }
            if isNew { office.reportWaiting() }
            let state = pauses ? "paused: jobs that run go on, and no other is started" : "running"
            return [Warning(isNew ? request.action.rawValue : "unchanged", "The queue is \(isNew ? "now" : "already") \(state).")]
        case .clear, .purge:
            if let refusal = permission.administratorsOnly(identity, "\(request.action.rawValue) the queue") { throw refusal }
            return [try await cancelAll(running: request.action == .purge, by: identity)]
        case .retryFailed:
            return try await retryAll(by: identity)
        }
    }

    private func cancelAll(running: Bool, by identity: Identity) async throws -> Warning {
        var cancelled = 0
        for id in try await office.onLedger({ try $0.openJobs(running: running) }) {
            try Task.checkCancellation()
            guard let job = try await office.onLedger({ try $0.job(id) }) else { continue }
            if case .done(let warning) = try await control.cancel(job, by: identity), warning.code == "cancelled" { cancelled += 1 }
        }
        let text = "\(cancelled) \(cancelled == 1 ? "job was" : "jobs were") cancelled."
        try await office.onLedger {
            try $0.recordDeed(identity.actor, running ? "queue purge" : "queue clear", subject: "queue", reason: text)
        }
        return Warning("cancelled", text)
    }

    /// Runs what failed again, as far as the user may.
    private func retryAll(by identity: Identity) async throws -> [Warning] {
        var retried = 0
        var refused: [String] = []
        for id in try await office.onLedger({ try $0.retryable() }) {
            try Task.checkCancellation()
            guard let job = try await office.onLedger({ try $0.job(id) }), try await control.mayManage(job, identity) else { continue }
            switch try await control.retry(job, by: identity) {
            case .done(let warning): if warning.code == "retried" { retried += 1 }
            case .refused(_, let message): refused.append(message)
            }
        }
        var warnings = [Warning("retried", "\(retried) failed \(retried == 1 ? "job was" : "jobs were") put back into the queue.")]
        if let first = refused.first { warnings.append(Warning("refused", "\(refused.count) could not be; the first: \(first)")) }
        return warnings
    }
}
