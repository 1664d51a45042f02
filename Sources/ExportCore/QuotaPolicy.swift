/// How long usage counts before it begins anew.
///
/// Windows begin at midnight UTC: days every day, weeks on Monday, months on the first.
public enum QuotaWindow: String, Codable, CaseIterable, Sendable {
    /// For ever.
    case none
    case daily
    case weekly
    case monthly

    /// The first day of the window that an instant lies in, counted from 1970-01-01; the smallest number for `none`.
    public func firstDay(at instant: Timestamp) -> Int64 {
        let day = instant.utcDay
        switch self {
        case .none: return .min
        case .daily: return day
        // 1970-01-01 was a Thursday, three days after a Monday.
        case .weekly: return day - Timestamp.floorDivide(day + 3, 7).remainder
        case .monthly: return day - Timestamp.civil(daysSinceEpoch: day).day + 1
        }
    }

    /// When the next window begins, or nil for `none`.
    public func next(after instant: Timestamp) -> Timestamp? {
        let first = firstDay(at: instant)
        let days: Int64
        switch self {
        case .none: return nil
        case .daily: days = first + 1
        case .weekly: days = first + 7
        // No month has more than 31 days, so this lies in the next one.
        case .monthly: days = first + 32 - Timestamp.civil(daysSinceEpoch: first + 31).day
        }
        let (nanoseconds, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000_000)
        return overflow ? nil : Timestamp(nanoseconds: nanoseconds)
    }
}

extension Timestamp {
    /// The day in UTC that the instant lies in, counted from 1970-01-01.
    public var utcDay: Int64 {
        Self.floorDivide(nanoseconds, 86_400_000_000_000).quotient
    }
}

/// What may be used in one window; nil is without limit.
public struct QuotaLimit: Hashable, Codable, Sendable {
    /// Exports of completed jobs.
    public var exports: Int?
    /// Bytes of their packages.
    public var bytes: Int64?

    /// A limit on exports, on bytes, on both, or on nothing.
    public init(exports: Int? = nil, bytes: Int64? = nil) {
        self.exports = exports
        self.bytes = bytes
    }
}

/// The limits of a site as its configuration has them; what administrators set at run time comes before.
public struct QuotaPolicy: Hashable, Sendable {
    /// How long usage counts.
    public var window: QuotaWindow = .monthly
    /// For every user whom `users` does not name, and for what it leaves out.
    public var standard = QuotaLimit()
    /// For single users.
    public var users: [String: QuotaLimit] = [:]
    /// For all users together.
    public var system = QuotaLimit()
    /// Who can raise a limit, as the beginning of a sentence.
    public var administrators = "An administrator"

    /// No limits.
    public init() {}
}

/// What becomes of one limit that an administrator sets at run time.
public enum LimitSetting: Hashable, Codable, Sendable {
    /// What the configuration says.
    case configured
    /// None.
    case unlimited
    /// So much.
    case limit(Int64)
}
