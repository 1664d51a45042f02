public import ExportCore
public import Sidecars

/// What was used, and what running and waiting jobs have reserved, in the current window.
public struct QuotaUsage: Hashable, Sendable {
    /// Whose usage it is; nil for that of all users.
    public var user: String?
    /// What may be used.
    public var limit: QuotaLimit
    /// How long usage counts.
    public var window: QuotaWindow
    /// Exports of completed jobs and what administrators added; below zero where they gave a credit.
    public var usedExports: Int
    /// Exports of jobs that have not ended.
    public var reservedExports: Int
    /// Bytes of published packages and what administrators added.
    public var usedBytes: Int64
    /// Bytes that jobs which have not ended are expected to publish, as far as their plans are made.
    public var reservedBytes: Int64
    /// When the next window begins; nil where usage counts for ever.
    public var resetsAt: Timestamp?

    /// Exports that may still be asked for; nil without a limit.
    public var remainingExports: Int? { limit.exports.map { max(0, $0 - usedExports - reservedExports) } }
    /// Bytes that may still be asked for; nil without a limit.
    public var remainingBytes: Int64? { limit.bytes.map { max(0, $0 - usedBytes - reservedBytes) } }
}

/// Whom a limit is for.
public enum QuotaScope: Hashable, Sendable {
    /// One user.
    case user(String)
    /// Every user without a limit of their own.
    case standard
    /// All users together.
    case system

    /// As the table of limits has it.
    var columns: (scope: String, user: String) {
        switch self {
        case .user(let name): ("user", name)
        case .standard: ("default", "")
        case .system: ("system", "")
        }
    }

    /// As people write it: a user's name, `default` or `system`.
    public var text: String {
        switch self {
        case .user(let name): name
        case .standard: "default"
        case .system: "system"
        }
    }

    /// The scope that people write so.
    public init(_ text: String) {
        switch text {
        case "default": self = .standard
        case "system": self = .system
        default: self = .user(text)
        }
    }
}

extension LimitSetting {
    /// As the table of limits has it.
    var column: Int64? {
        switch self {
        case .configured: nil
        case .unlimited: -1
        case .limit(let value): value
        }
    }

    init(column: Int64?) {
        self =
            switch column {
            case nil: .configured
            case .some(let value) where value < 0: .unlimited
            case .some(let value): .limit(value)
            }
    }

    /// The limit where the configuration says `fallback`.
    func resolved(_ fallback: Int64?) -> Int64? {
        switch self {
        case .configured: fallback
        case .unlimited: nil
        case .limit(let value): value
        }
    }
}

/// One entry of the record of usage; never changed once written.
public struct QuotaEntry: Hashable, Sendable {
    /// What an entry stands for.
    public enum Kind: String, Sendable {
        case reserve
        case commit
        case release
        case adjust
        case reset
    }

    /// What it stands for.
    public let kind: Kind
    /// Whose usage it changes.
    public let user: String
    /// The job that caused it; nil for `adjust` and `reset`.
    public let job: JobID?
    /// When it was written.
    public let time: Timestamp
    /// By how much it changes the exports that are used.
    public let usedExports: Int
    /// By how much it changes the bytes that are used.
    public let usedBytes: Int64
    /// By how much it changes the exports that are reserved.
    public let reservedExports: Int
    /// By how much it changes the bytes that are reserved.
    public let reservedBytes: Int64
    /// Who caused it.
    public let actor: String
    /// Why, as a sentence.
    public let reason: String
}

extension StatusDocument.Quota {
    /// Usage as status files tell it.
    public init(_ usage: QuotaUsage) {
        self.init(
            scope: usage.user == nil ? "system" : "user",
            window: usage.window.rawValue,
            used: usage.usedExports,
            reserved: usage.reservedExports,
            limit: usage.limit.exports,
            remaining: usage.remainingExports,
            bytes: Bytes(
                used: usage.usedBytes,
                reserved: usage.reservedBytes,
                limit: usage.limit.bytes,
                remaining: usage.remainingBytes
            ),
            resetsAt: usage.resetsAt?.exactRFC3339
        )
    }
}
