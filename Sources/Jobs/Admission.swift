import Configuration
import ExportCore
import Files
import Formats
import Ledger
import Logging
import Requests
import Sidecars
import Spool

/// Turns what was claimed into jobs on the ledger: `pending` where the request is good, `failed` with every problem
/// where it is not.
///
/// Repeating an admission changes nothing.
struct Admission: Sendable {
    /// What is to be done with an admitted job.
    enum Outcome: Sendable {
        /// It waits for its turn.
        case queued(JobID)
        /// It concerns other jobs and is carried out at once.
        case immediate(JobID)
        /// It has failed, and that has been reported.
        case closed
    }

    let office: Office

    /// What was claimed, with all that is decided about it.
    private struct Decision {
        var request: Request?
        var acceptance: Acceptance
        var id: JobID { acceptance.job.id }
    }

    /// Enters what was claimed, all of it in one transaction.
    ///
    /// - Throws: `LedgerError` where the ledger can't take it now; the claims stay.
    func admit(_ claimed: [ClaimOutcome]) async throws -> [Outcome] {
        try await enter(try claimed.compactMap(decide))
    }

    /// Enters a request that lies in no file.
    func enter(_ id: JobID, name: String, text: [UInt8], _ request: Request, owner: UInt32) async throws -> Outcome? {
        try await enter([try decide(id, name: name, text: text, .success(request), owner: owner)]).first
    }

    private func enter(_ decisions: [Decision]) async throws -> [Outcome] {
        guard !decisions.isEmpty else { return [] }
        let entered = try await office.onLedger { try $0.accept(decisions.map(\.acceptance)) }
        var queued: [JobID] = []
        var outcomes: [Outcome] = []
        for (decision, job) in zip(decisions, entered) {
            outcomes.append(await close(decision, job))
            if case .queued(let id)? = outcomes.last { queued.append(id) }
        }
        await office.report(queued)
        return outcomes
    }

    /// Does at once what a request asks for that is not to wait.
    private func close(_ decision: Decision, _ job: Job) async -> Outcome {
        if let error = job.error {
            office.logger.notice(
                "A request was refused.",
                metadata: ["job": "\(job.id)", "user": "\(job.user)", "code": "\(error.code.rawValue)", "reason": "\(error)"]
            )
            await office.close(job.id, keepParts: false)
            return .closed
        }
        office.logger.info(
            "A request was accepted.",
            metadata: ["job": "\(job.id)", "request": "\(job.request)", "user": "\(job.user)", "kind": "\(job.kind ?? "")"]
        )
        switch decision.request {
        case .cancel, .retry, .history, .quota, .queue: return .immediate(job.id)
        case .export, .preview, nil: return .queued(job.id)
        }
    }

    private func decide(_ claimed: ClaimOutcome) throws -> Decision? {
        switch claimed {
        case .nothing: return nil
        case .refused(let refused):
            return try decide(refused.job, name: refused.request, text: [], .failure(refused.error), owner: refused.owner)
        case .claimed(let claim):
            let parsed: Result<Request, ExportError>
            do throws(ExportError) {
                parsed = .success(try RequestParser.parse(claim.text, fileName: claim.request))
            } catch {
                parsed = .failure(error)
            }
            return try decide(claim.job, name: claim.request, text: claim.text, parsed, owner: claim.owner)
        }
    }

    /// Decides whose a request is, whether it is permitted, and within which quota.
    private func decide(
        _ id: JobID,
        name: String,
        text: [UInt8],
        _ parsed: Result<Request, ExportError>,
        owner: UInt32
    ) throws -> Decision {
        let site = office.configuration
        let request = try? parsed.get()
        let verdict = Permission(site: site).verdict(on: request, by: Identity(uid: owner, site))
        let refusal: ExportError? =
            switch parsed {
            case .failure(let error): error
            case .success: verdict.refusal
            }
        let job = Self.job(id, name: name, text: text, request, verdict, typed: try request?.json(), site)
        let quota = request?.kind == .export ? site.quota : nil
        return Decision(request: request, acceptance: Acceptance(job, refusal: refusal, quota: quota))
    }

    private static func job(
        _ id: JobID,
        name: String,
        text: [UInt8],
        _ request: Request?,
        _ verdict: Permission.Verdict,
        typed: String?,
        _ site: SiteConfiguration
    ) -> NewJob {
        let export = request?.export
        var job = NewJob(
            id: id,
            request: name,
            text: text,
            typed: typed,
            kind: request?.kind.rawValue,
            title: request?.title,
            uid: verdict.user.uid,
            user: verdict.user.name,
            role: verdict.user.role.rawValue,
            // What concerns other jobs is done at once, also where a crash has put it back into the queue.
            priority: export == nil ? .high : export?.priority.onLedger ?? .normal,
            exports: export?.exports.map { StatusDocument.Export(format: $0.format.rawValue, state: .pending) } ?? []
        )
        job.notifications = NotificationWish.all(of: request, site)
        job.submitter = verdict.submitter.map { Submitter(uid: $0.uid, name: $0.name) }
        job.projects = export?.select.projects.filter { !$0.contains { "*?[".contains($0) } } ?? []
        return job
    }
}

extension ExportRequest.Priority {
    /// The same as the ledger counts it.
    var onLedger: JobPriority {
        switch self {
        case .low: .low
        case .normal: .normal
        case .high: .high
        }
    }
}
