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
        let identity = Identity(uid: claim.owner)
        let parsed: Result<Request, ExportError>
        do throws(ExportError) {
            parsed = .success(try RequestParser.parse(claim.text, fileName: claim.request))
        } catch {
            parsed = .failure(error)
        }
        let request = try? parsed.get()
        let export = request?.export
        var job = NewJob(
            id: claim.job,
            request: claim.request,
            text: claim.text,
            typed: try request?.json(),
            kind: request?.kind.rawValue,
            title: request?.title,
            uid: claim.owner,
            user: identity.name,
            role: identity.role.rawValue,
            priority: export?.priority.onLedger ?? .normal,
            exports: export?.exports.map { StatusDocument.Export(format: $0.format.rawValue, state: .pending) } ?? []
        )
        job.notifications = NotificationWish.all(of: request, office.configuration)
        let entered = try await office.onLedger { [job] in try $0.accept(job) }
        let problem: ExportError?
        switch parsed {
        case .failure(let error): problem = error
        case .success(let request): problem = Self.refusal(of: request, by: identity)
        }
        if let problem {
            try await fail(claim.job, problem)
            return .closed
        }
        office.logger.info(
            "A request was accepted.",
            metadata: ["job": "\(entered.id)", "request": "\(entered.request)", "user": "\(entered.user)", "kind": "\(entered.kind ?? "")"]
        )
        switch request {
        case .cancel, .retry: return .immediate(claim.job)
        case .export, .preview, nil: break
        }
        await office.report(claim.job)
        return .queued(claim.job)
    }

    /// Enters what has a request's name and can't be one.
    func admit(_ refused: RefusedRequest) async throws {
        let identity = Identity(uid: refused.owner)
        let job = NewJob(
            id: refused.job,
            request: refused.request,
            text: [],
            typed: nil,
            kind: nil,
            title: nil,
            uid: refused.owner,
            user: identity.name,
            role: identity.role.rawValue
        )
        _ = try await office.onLedger { try $0.accept(job) }
        try await fail(refused.job, refused.error)
    }

    /// Why a request that reads well is not carried out for its user.
    static func refusal(of request: Request, by identity: Identity) -> ExportError? {
        if identity.role == .unknown {
            return ExportError(
                .notPermitted,
                "The request belongs to \(identity.name), whom this machine does not know.",
                hint: "Submit it as a user of this machine; on NFS, check that users have the same number on every host."
            )
        }
        if let export = request.export, export.priority == .high, identity.role != .administrator {
            return ExportError(
                .notPermitted,
                "\(identity.name) may not give a job high priority.",
                hint: "Use priority normal or low, or ask an administrator."
            )
        }
        return nil
    }

    private func fail(_ id: JobID, _ error: ExportError) async throws {
        let failed = try await office.onLedger { ledger -> Bool in
            guard let job = try ledger.job(id), job.state == .pending else { return false }
            try ledger.fail(id, error)
            return true
        }
        if failed { office.logger.notice("A request was refused.", metadata: ["job": "\(id)", "reason": "\(error)"]) }
        await office.close(id, keepParts: false)
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
