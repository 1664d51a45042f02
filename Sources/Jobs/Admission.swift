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

    /// Enters a claimed request.
    ///
    /// - Throws: `LedgerError` where the ledger can't take it now; the claim stays.
    func admit(_ claim: ClaimedRequest) async throws -> Outcome {
        let parsed: Result<Request, ExportError>
        do throws(ExportError) {
            parsed = .success(try RequestParser.parse(claim.text, fileName: claim.request))
        } catch {
            parsed = .failure(error)
        }
        return try await enter(claim.job, name: claim.request, text: claim.text, parsed, owner: claim.owner)
    }

    /// Enters what has a request's name and can't be one.
    func admit(_ refused: RefusedRequest) async throws {
        _ = try await enter(refused.job, name: refused.request, text: [], .failure(refused.error), owner: refused.owner)
    }

    /// Enters a request with all that is decided about it, in one transaction: whose it is, whether it is permitted, and
    /// whether the quota allows it.
    func enter(
        _ id: JobID,
        name: String,
        text: [UInt8],
        _ parsed: Result<Request, ExportError>,
        owner: UInt32
    ) async throws -> Outcome {
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
        let entered = try await office.onLedger { try $0.accept(job, refusal: refusal, quota: quota) }
        if let error = entered.error {
            office.logger.notice(
                "A request was refused.",
                metadata: ["job": "\(id)", "user": "\(entered.user)", "code": "\(error.code.rawValue)", "reason": "\(error)"]
            )
            await office.close(id, keepParts: false)
            return .closed
        }
        office.logger.info(
            "A request was accepted.",
            metadata: ["job": "\(entered.id)", "request": "\(entered.request)", "user": "\(entered.user)", "kind": "\(entered.kind ?? "")"]
        )
        switch request {
        case .cancel, .retry, .history, .quota, .queue: return .immediate(id)
        case .export, .preview, nil: break
        }
        await office.report(id)
        return .queued(id)
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
