public import ExportCore

/// `NAME.status.json`, `outbox/<job>/status.json` and `exportctl show --json`: one schema for all three.
///
/// Every key is always written; what is not known is null.
public struct StatusDocument: Codable, Sendable {
    /// The schema's name and version.
    public static let schemaName = "exportd-status/1"

    /// The schema's name and version.
    public var schema: String = StatusDocument.schemaName
    /// The request's path below the inbox.
    public var request: String
    /// The job's name on the ledger and in the outbox.
    public var job: JobID
    /// The request's kind, such as `export`; null where the request could not be read.
    public var kind: String?
    /// The title that the request gives.
    public var title: String?
    /// The name of the user whose job it is, or `uid 1234` where the system has no name for it.
    public var user: String
    /// The name of the file's owner, where that is another than the user; null otherwise.
    public var submitter: String?
    /// What the configuration makes of that owner.
    public var role: String
    /// Where the job stands.
    public var state: JobState
    /// When the request was accepted, RFC 3339 UTC.
    public var createdAt: String
    /// When the current or last run began, RFC 3339 UTC.
    public var startedAt: String?
    /// When the job ended, RFC 3339 UTC.
    public var finishedAt: String?
    /// Jobs that go before this one; null unless it is pending.
    public var queuePosition: Int?
    /// 1 for the first run.
    public var attempt: Int
    /// How far the job is.
    public var progress: Progress
    /// The exports in the request's order.
    public var exports: [Export]
    /// Null until the selection has been made.
    public var selection: Selected?
    /// How much of the user's allowance is used; null for requests of unknown owners.
    public var quota: Quota?
    /// What a preview found; null for every other kind, and until it is known.
    public var preview: PreviewReport?
    /// What the user should know.
    public var warnings: [Warning]
    /// Why the job failed; null unless it did.
    public var error: ExportError?

    enum CodingKeys: String, CodingKey {
        case schema
        case request
        case job
        case kind
        case title
        case user
        case submitter
        case role
        case state
        case attempt
        case progress
        case exports
        case selection
        case quota
        case preview
        case warnings
        case error
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case queuePosition = "queue_position"
    }

    /// A job as it stands.
    public init(
        request: String,
        job: JobID,
        kind: String?,
        title: String?,
        user: String,
        submitter: String? = nil,
        role: String,
        state: JobState,
        createdAt: String,
        startedAt: String?,
        finishedAt: String?,
        queuePosition: Int?,
        attempt: Int,
        progress: Progress,
        exports: [Export],
        selection: Selected?,
        quota: Quota? = nil,
        preview: PreviewReport? = nil,
        warnings: [Warning],
        error: ExportError?
    ) {
        self.request = request
        self.job = job
        self.kind = kind
        self.title = title
        self.user = user
        self.submitter = submitter
        self.role = role
        self.state = state
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.queuePosition = queuePosition
        self.attempt = attempt
        self.progress = progress
        self.exports = exports
        self.selection = selection
        self.quota = quota
        self.preview = preview
        self.warnings = warnings
        self.error = error
    }

    /// Writes every key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(request, forKey: .request)
        try container.encode(job, forKey: .job)
        try container.encode(kind, forKey: .kind)
        try container.encode(title, forKey: .title)
        try container.encode(user, forKey: .user)
        try container.encode(submitter, forKey: .submitter)
        try container.encode(role, forKey: .role)
        try container.encode(state, forKey: .state)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(finishedAt, forKey: .finishedAt)
        try container.encode(queuePosition, forKey: .queuePosition)
        try container.encode(attempt, forKey: .attempt)
        try container.encode(progress, forKey: .progress)
        try container.encode(exports, forKey: .exports)
        try container.encode(selection, forKey: .selection)
        try container.encode(quota, forKey: .quota)
        try container.encode(preview, forKey: .preview)
        try container.encode(warnings.map(WarningKeys.init), forKey: .warnings)
        try container.encode(error.map { ErrorDocument(error: $0, attempt: attempt) }, forKey: .error)
    }

    /// The bytes of the sidecar: UTF-8 JSON with sorted keys and a final newline.
    public func json() throws -> [UInt8] {
        try SidecarJSON.bytes(of: self)
    }

    /// A document from a sidecar's bytes.
    public init(json bytes: [UInt8]) throws {
        self = try SidecarJSON.document(from: bytes)
    }
}

/// A warning with all its keys.
private struct WarningKeys: Encodable {
    var warning: Warning

    enum CodingKeys: String, CodingKey {
        case code
        case message
        case dataset
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(warning.code, forKey: .code)
        try container.encode(warning.message, forKey: .message)
        try container.encode(warning.dataset, forKey: .dataset)
    }
}
