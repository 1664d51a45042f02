import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Requests
import Sidecars
import Spool

/// Carries out requests about other jobs: `cancel` and `retry`.
struct JobControl: Sendable {
    /// What became of one job that a request names.
    enum Answer {
        case done(Warning)
        case refused(ExportError.Code, String)
    }

    let office: Office
    /// Stops the work on a running job.
    let stop: @Sendable (JobID) async -> Void

    /// Cancels jobs.
    ///
    /// - Returns: What became of each, for the request's own status.
    /// - Throws: `ExportError` that lists every job that could not be cancelled; the others are.
    func cancel(_ request: JobsRequest, by identity: Identity) async throws -> [Warning] {
        try await each(request, by: identity, deed: "cancel", done: "cancelled") { try await cancel($0, by: identity) }
    }

    /// Runs failed or cancelled jobs again.
    ///
    /// - Returns: What became of each, for the request's own status.
    /// - Throws: `ExportError` that lists every job that could not be retried; the others are.
    func retry(_ request: JobsRequest, by identity: Identity) async throws -> [Warning] {
        try await each(request, by: identity, deed: "retry", done: "retried") { try await retry($0, by: identity) }
    }

    /// Cancels one job.
    func cancel(_ job: Job, by identity: Identity) async throws -> Answer {
        guard !job.state.isTerminal else {
            return .done(Warning("unchanged", "The job \(job.id) (\(job.name)) had already ended as \(job.state.rawValue)."))
        }
        let after: Job
        do {
            after = try await office.onLedger { try $0.requestCancel(job.id, by: identity.name) }
        } catch let error as LedgerError where error.kind == .illegalTransition {
            return .done(Warning("unchanged", "The job \(job.id) (\(job.name)) had just ended."))
        }
        if after.state == .processing {
            await stop(job.id)
        } else {
            await office.close(job.id, keepParts: false)
        }
        return .done(Warning("cancelled", "The job \(job.id) (\(job.name)) was cancelled."))
    }

    /// Runs one failed or cancelled job again.
    func retry(_ job: Job, by identity: Identity) async throws -> Answer {
        switch job.state {
        case .pending, .processing:
            return .done(Warning("unchanged", "The job \(job.id) (\(job.name)) is \(job.state.rawValue) already."))
        case .completed:
            return .refused(.requestInvalid, "The job \(job.id) (\(job.name)) is completed; drop its request again for a new job.")
        case .failed, .cancelled:
            break
        }
        guard let kind = job.kind, kind == RequestKind.export.rawValue || kind == RequestKind.preview.rawValue else {
            return .refused(.requestInvalid, "The job \(job.id) (\(job.name)) is no export; drop its corrected request again.")
        }
        // Stands for the claim that was cleared away: whatever lies here is looked at after a crash.
        let staging = office.outbox.stagingFolder(of: job.id)
        try await office.onSpool { try FileSystem.makeDirectories(staging, mode: 0o700) }
        let quota = office.configuration.quota
        do {
            _ = try await office.onLedger { try $0.retry(job.id, by: identity.name, quota: quota) }
        } catch let error as LedgerError where error.kind == .quotaExceeded {
            await office.close(job.id, keepParts: true)
            return .refused(.quotaExceeded, "The job \(job.id) (\(job.name)) was not put back into the queue. \(error)")
        }
        await office.report(job.id)
        return .done(Warning("retried", "The job \(job.id) (\(job.name)) was put back into the queue."))
    }

    /// Whether a user may see, cancel and retry a job.
    func mayManage(_ job: Job, _ identity: Identity) async throws -> Bool {
        let projects = try await office.onLedger { try $0.projects(of: job) }
        return identity.mayManage(job, projects: projects)
    }

    private func each(
        _ request: JobsRequest,
        by identity: Identity,
        deed: String,
        done verb: String,
        _ body: (Job) async throws -> Answer
    ) async throws -> [Warning] {
        var done: [Warning] = []
        var refused: [(code: ExportError.Code, message: String)] = []
        for name in request.jobs {
            guard let job = try await find(name) else {
                refused.append((.requestInvalid, "There is no job \"\(name)\"."))
                continue
            }
            guard try await mayManage(job, identity) else {
                let reason = "The job \(job.id) (\(job.name)) belongs to \(job.user), and \(identity.name) may not \(deed) it."
                refused.append((.notPermitted, reason))
                try await office.onLedger {
                    try $0.recordDenial(identity.actor, deed, subject: job.id.text, job: job.id, reason: reason)
                }
                office.logger.notice(
                    "Something was denied.",
                    metadata: ["user": "\(identity.name)", "job": "\(job.id)", "reason": "\(reason)"]
                )
                continue
            }
            switch try await body(job) {
            case .done(let warning): done.append(warning)
            case .refused(let code, let message): refused.append((code, message))
            }
        }
        guard !refused.isEmpty else { return done }
        let codes = Set(refused.map(\.code))
        let gravest: [ExportError.Code] = [.notPermitted, .quotaExceeded]
        let code = gravest.first(where: codes.contains) ?? .requestInvalid
        let what = request.jobs.count == 1 ? refused[0].message : "\(refused.count) of \(request.jobs.count) jobs could not be \(verb)."
        throw ExportError(
            code,
            what,
            hint: "List your jobs with `exportctl status`.",
            details: refused.map { ExportError.Detail($0.message) } + done.map { ExportError.Detail($0.message) }
        )
    }

    /// The job of an id, or the newest job of a request's name.
    private func find(_ name: String) async throws -> Job? {
        try await office.onLedger { ledger in
            if let id = JobID(name), let job = try ledger.job(id) { return job }
            return try ledger.jobs(named: name).first
        }
    }
}
