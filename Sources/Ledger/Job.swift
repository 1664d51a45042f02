public import ExportCore
public import Sidecars

/// Whose jobs go first.
public enum JobPriority: Int, Comparable, CaseIterable, Sendable {
    /// After everything else.
    case low = 0
    /// The usual.
    case normal = 1
    /// Before everything else.
    case high = 2

    /// The less urgent sorts first.
    public static func < (left: JobPriority, right: JobPriority) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Who asked for another user's job.
public struct Submitter: Hashable, Sendable {
    /// The numeric id of the request file's owner, by the kernel's word.
    public var uid: UInt32
    /// That owner's name.
    public var name: String

    /// The owner of a request file.
    public init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }
}

/// What is known of a job when its request is entered into the ledger.
public struct NewJob: Sendable {
    /// The job's name.
    public var id: JobID
    /// The request's path below the inbox, such as `team/nightly.yaml`.
    public var request: String
    /// The request's bytes as they were read from the claimed file.
    public var text: [UInt8]
    /// The typed request as JSON of its own shape; nil where the text could not be understood.
    public var typed: String?
    /// The request's kind, such as `export`; nil where the text could not be understood.
    public var kind: String?
    /// The title that the request gives.
    public var title: String?
    /// The numeric id of the user whose job it is: the request file's owner, by the kernel's word, unless a submitter is given.
    public var uid: UInt32
    /// The name of the user whose job it is.
    public var user: String
    /// That user's role.
    public var role: String
    /// Whose jobs go first.
    public var priority: JobPriority
    /// The exports asked for, in order.
    public var exports: [StatusDocument.Export]
    /// What is known of it before it runs.
    public var warnings: [Warning]
    /// Who asked for it, where that is another than its user.
    public var submitter: Submitter?
    /// The projects that its request names, without globs; what it really selects takes their place.
    public var projects: [String] = []
    /// Who is to be told of its end.
    public var notifications: [NotificationWish] = []

    /// A job to be entered.
    public init(
        id: JobID,
        request: String,
        text: [UInt8],
        typed: String?,
        kind: String?,
        title: String?,
        uid: UInt32,
        user: String,
        role: String,
        priority: JobPriority = .normal,
        exports: [StatusDocument.Export] = [],
        warnings: [Warning] = []
    ) {
        self.id = id
        self.request = request
        self.text = text
        self.typed = typed
        self.kind = kind
        self.title = title
        self.uid = uid
        self.user = user
        self.role = role
        self.priority = priority
        self.exports = exports
        self.warnings = warnings
    }
}

/// A job as the ledger holds it.
///
/// Only the ledger changes one.
public struct Job: Hashable, Sendable {
    /// The job's name.
    public internal(set) var id: JobID
    /// The order of acceptance, from 1.
    public internal(set) var sequence: Int64
    /// The request's path below the inbox, such as `team/nightly.yaml`.
    public internal(set) var request: String
    /// The request's path without `.yaml` or `.yml`: what people call the job, and where its sidecars stand.
    public internal(set) var name: String
    /// The request's kind, such as `export`; nil where its text could not be understood.
    public internal(set) var kind: String?
    /// The title that the request gives.
    public internal(set) var title: String?
    /// The numeric id of the user whose job it is.
    public internal(set) var uid: UInt32
    /// The name of the user whose job it is.
    public internal(set) var user: String
    /// That user's role when the job was accepted.
    public internal(set) var role: String
    /// Whose jobs go first.
    public internal(set) var priority: JobPriority
    /// Where it stands.
    public internal(set) var state: JobState
    /// When it was accepted.
    public internal(set) var created: Timestamp
    /// When it first began to run since it was accepted or last retried by a person.
    public internal(set) var started: Timestamp?
    /// When it ended; nil unless it has.
    public internal(set) var finished: Timestamp?
    /// When its row last changed.
    public internal(set) var updated: Timestamp
    /// The current or next run, from 1.
    ///
    /// A run that a stop of the daemon cut short is continued under its number.
    public internal(set) var attempt: Int
    /// Runs that ended in a transient error since the job was accepted or last retried by a person.
    public internal(set) var transientFailures: Int
    /// Starts of the daemon that found the job running, since the last clean stop.
    public internal(set) var daemonCrashes: Int
    /// How far it is.
    public internal(set) var progress: StatusDocument.Progress
    /// What its request selected; nil until that is known.
    public internal(set) var selection: StatusDocument.Selected?
    /// Its exports, in the request's order.
    public internal(set) var exports: [StatusDocument.Export]
    /// What a preview found; nil for other kinds.
    public internal(set) var preview: PreviewReport?
    /// What its user should know.
    public internal(set) var warnings: [Warning]
    /// Why it failed; nil unless it did.
    public internal(set) var error: ExportError?
    /// Before this instant it isn't run again.
    public internal(set) var nextTry: Timestamp?
    /// Whether someone who may has asked for its end while it ran.
    public internal(set) var cancelRequested: Bool
    /// Who asked for it, where that is another than its user.
    public internal(set) var submitter: Submitter?
    /// When its packages were removed because they were old; nil while they are there.
    public internal(set) var expired: Timestamp?
    /// Whether it has turned out to take long.
    public internal(set) var isLong: Bool

    /// The part of a request's path that names the job: without its extension.
    static func name(of request: String) -> String {
        for ending in [".yaml", ".yml"] where request.hasSuffix(ending) {
            return String(request.dropLast(ending.count))
        }
        return request
    }
}

/// The request of a job, kept apart from its state because it may be a mebibyte.
public struct StoredRequest: Hashable, Sendable {
    /// The request's bytes as they were read from the claimed file.
    public let text: [UInt8]
    /// Their SHA-256, 64 lower-case hexadecimal digits.
    public let sha256: String
    /// The typed request as JSON of its own shape; nil where the text could not be understood.
    public let typed: String?
}

/// One dataset of a job's selection.
public struct JobDataset: Hashable, Sendable {
    /// Its name in the catalogue.
    public var id: DatasetID
    /// What changes when any of its files does.
    public var fingerprint: String
    /// The size of its files.
    public var bytes: Int64
    /// Its project; nil where it has none, and where it was read from the ledger, which keeps projects by job.
    public var project: String?

    /// One dataset of a job's selection.
    public init(id: DatasetID, fingerprint: String, bytes: Int64, project: String? = nil) {
        self.id = id
        self.fingerprint = fingerprint
        self.bytes = bytes
        self.project = project
    }
}

/// One file that a job published.
public struct JobFile: Hashable, Sendable {
    /// The position of its export in the request, from 0.
    public var export: Int
    /// Its path below the job's outbox folder.
    public var file: String
    /// Its size, or that of all files of a folder.
    public var bytes: Int64
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    public var sha256: String

    /// One file that a job published.
    public init(export: Int, file: String, bytes: Int64, sha256: String) {
        self.export = export
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// One entry of a job's past; never changed once written.
public struct JobEvent: Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// When it happened.
    public let time: Timestamp
    /// The state before; nil for the acceptance.
    public let from: JobState?
    /// The state after; the same as before where only something was asked for.
    public let to: JobState
    /// Who caused it: `exportd`, or a user's name.
    public let actor: String
    /// Why, as a sentence.
    public let reason: String
}

/// Which jobs a listing takes.
///
/// All conditions that are given must hold; an empty list is no condition.
public struct JobFilter: Hashable, Sendable {
    /// States to take.
    public var states: [JobState] = []
    /// Users to take.
    public var users: [String] = []
    /// Accepted at or after this instant.
    public var from: Timestamp?
    /// Accepted before this instant.
    public var to: Timestamp?
    /// The most jobs to list, newest first; nil lists all.
    public var limit: Int?

    /// No condition: every job.
    public init() {}
}
