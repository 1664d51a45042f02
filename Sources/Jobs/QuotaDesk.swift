import Configuration
import ExportCore
import Ledger
import Logging
import Requests
import Sidecars

/// Carries out requests about usage and its limits.
struct QuotaDesk: Sendable {
    /// What became of a request.
    enum Answer {
        /// Something was changed, in words.
        case changed([Warning])
        /// A list of `QuotaDocument`.
        case file(AnswerFile)
    }

    let office: Office

    /// - Throws: `ExportError` where the user may not do that, or there is no such user.
    func carryOut(_ request: QuotaRequest, by identity: Identity) async throws -> Answer {
        let policy = office.configuration.quota
        let user = request.user ?? identity.name
        let scope = QuotaScope(user)
        let needsAdministrator = request.action != .show || user != identity.name
        if needsAdministrator, let refusal = administratorsOnly(identity, request, user) { throw refusal }
        let actor = identity.actor
        let reason = request.reason ?? "No reason was given."
        switch request.action {
        case .show:
            if case .user = scope { try await requireUser(user) }
            let usage = try await office.onLedger { ledger in
                [try scope == .system ? ledger.systemUsage(policy) : ledger.usage(of: user, policy)]
            }
            return .file(try file(usage))
        case .list:
            let usage = try await office.onLedger { try $0.allUsage(policy) + [$0.systemUsage(policy)] }
            return .file(try file(usage))
        case .set:
            if case .user = scope { try await requireUser(user) }
            try await office.onLedger {
                try $0.setLimit(
                    scope,
                    exports: request.exports,
                    bytes: request.bytes,
                    window: request.window,
                    by: actor,
                    reason: reason
                )
            }
        case .adjust:
            try await requireUser(user)
            let (exports, bytes) = (Self.amount(request.exports), Self.amount(request.bytes))
            try await office.onLedger { try $0.adjust(user, exports: Int(exports), bytes: bytes, by: actor, reason: reason) }
        case .reset:
            try await requireUser(user)
            try await office.onLedger { try $0.resetUsage(user, policy, by: actor, reason: reason) }
        }
        office.quotaBoard.noteAll()
        office.logger.notice(
            "A quota was changed.",
            metadata: ["action": "\(request.action.rawValue)", "user": "\(user)", "by": "\(identity.name)", "reason": "\(reason)"]
        )
        return .changed([try await now(scope, policy, changed: request.action)])
    }

    private static func amount(_ setting: LimitSetting?) -> Int64 {
        if case .limit(let value) = setting { value } else { 0 }
    }

    private func administratorsOnly(_ identity: Identity, _ request: QuotaRequest, _ user: String) -> ExportError? {
        let deed =
            switch request.action {
            case .show: "see the quota of \(user)"
            case .list: "list quotas"
            case .set, .adjust, .reset: "\(request.action.rawValue) the quota of \(user)"
            }
        return Permission(site: office.configuration).administratorsOnly(identity, deed)
    }

    /// A misspelt name must not get a limit that nobody will ever meet.
    private func requireUser(_ user: String) async throws {
        if Accounts.user(named: user) != nil { return }
        let known = try await office.onLedger { try !$0.quotaEntries(of: user, limit: 1).isEmpty }
        guard !known, office.configuration.quota.users[user] == nil else { return }
        throw ExportError(
            .requestInvalid,
            "There is no user \(user) on this machine, and none of that name ever had a job.",
            hint: "List the users with `exportctl quota list`."
        )
    }

    private func file(_ usage: [QuotaUsage]) throws -> AnswerFile {
        let now = office.now().rfc3339
        let documents = usage.map { QuotaDocument(user: $0.user ?? "system", StatusDocument.Quota($0), updatedAt: now) }
        return try AnswerFile("quota", name: "quota.json", bytes: QuotaDocument.json(documents))
    }

    /// What the limits and the usage are after a change.
    private func now(_ scope: QuotaScope, _ policy: QuotaPolicy, changed action: QuotaRequest.Action) async throws -> Warning {
        let usage: QuotaUsage
        switch scope {
        case .user(let name): usage = try await office.onLedger { try $0.usage(of: name, policy) }
        case .system: usage = try await office.onLedger { try $0.systemUsage(policy) }
        case .standard: return Warning(action.rawValue, "The default quota was set.")
        }
        let exports =
            "\(usage.usedExports) used and \(usage.reservedExports) reserved of \(usage.limit.exports.map(String.init) ?? "unlimited") exports"
        let bytes =
            "\(usage.usedBytes) used and \(usage.reservedBytes) reserved of \(usage.limit.bytes.map(String.init) ?? "unlimited") bytes"
        return Warning(action.rawValue, "\(scope.text) now has \(exports), and \(bytes), window \(usage.window.rawValue).")
    }
}
