import ExportCore
import Fields
import Files
import Formats
import YAML

/// The configuration as it is written, before paths are made absolute and defaults that hang on others are filled in.
struct ConfigurationFile {
    struct Cache {
        var path: String?
        var maximumBytes: Int64 = 10 << 30
    }

    struct Faces {
        var model: String?
    }

    struct Robot {
        var mapping = FeatureMapping()
    }

    var spool = "spool"
    var stores = ["examples/store"]
    var ledger: String?
    var work: String?
    var cache = Cache()
    var workers = 2
    var rescan: Duration?
    var settle: Duration = .seconds(2)
    var retries = 3
    var quota = QuotaPolicy()
    var roles: Roles?
    var projects: [String: Project] = [:]
    var faces = Faces()
    var robots: [String: Robot] = [:]
    var retention = SiteConfiguration.Retention()
    var notify = SiteConfiguration.Notify()
    var limits = SiteConfiguration.Limits()
    var allowNetworkLedger = false
}

extension ConfigurationFile {
    private static let path = Shape<String>.text("a path", upTo: 4_000)
    private static let mostBytes = Int64(1) << 50

    /// The keys of the configuration.
    static let fields = FieldSet(defaults: ConfigurationFile()) {
        Field("spool", \.spool, path, "The folder with inbox/, outbox/ and company; relative paths count from this file's folder.")
        Field("stores", \.stores, .list(of: path, upTo: 100), "The folders that hold datasets; exportd only reads them.")
        Field(
            "ledger",
            \.ledger,
            path,
            default: "<spool>/.state/ledger.sqlite",
            "The database of jobs and history; must lie on a local disk."
        )
        Field("work", \.work, path, default: "<spool>/.state/work", "The folder of work in progress; best on a fast local disk.")
        Field("cache", \.cache, .set(cache), "Finished parts that are kept, so that a nightly export encodes only what is new.")
        Field("workers", \.workers, .integer(1...256), "Jobs that run at a time.")
        Field(
            "rescan",
            \.rescan,
            .duration(.milliseconds(100)...(.seconds(3_600))),
            default: "10s, or 2s where the spool is on a network",
            "How often the inbox is looked through without any event."
        )
        Field(
            "settle",
            \.settle,
            .duration(.milliseconds(100)...(.seconds(600))),
            "How long a request that was written in place must stay unchanged before it is taken."
        )
        Field("retries", \.retries, .integer(0...100), "How often a job is tried again after a transient error.")
        Field("quota", \.quota, .set(AccessFields.quota), default: "unlimited", "How many exports and bytes users may have.")
        Field(
            "roles",
            \.roles,
            .set(AccessFields.roles),
            default: "every local user is a training engineer, root an administrator",
            "Who may do what, by users and groups of this machine; a list stands for users."
        )
        Field(
            "projects",
            \.projects,
            AccessFields.projects,
            default: "open to every role",
            "Who may export which project's data; a project that is not listed is open to every role."
        )
        Field("faces", \.faces, .set(faces), "What looks for faces where a request asks for face_blur.")
        Field("robots", \.robots, .map(of: .set(robot), key: robotName), default: "none", "Topic mappings by robot name.")
        Field("retention", \.retention, .set(retention), default: "everything is kept", "How long finished things are kept.")
        Field("notify", \.notify, .set(notify), "How people are told of jobs that have ended.")
        Field("limits", \.limits, .set(limits), "What keeps one job or worker from taking the whole machine.")
        Field(
            "allow_network_ledger",
            \.allowNetworkLedger,
            .boolean,
            "Accept a ledger on a network file system, where SQLite's locks may fail and a crash may lose jobs."
        )
    }

    private static let cache = FieldSet(defaults: Cache()) {
        Field("path", \.path, path, default: "<spool>/.state/cache", "Where they are kept.")
        Field("max_bytes", \.maximumBytes, .size(0...mostBytes), "The most bytes that they may take; the least recently used go first.")
    }

    private static let faces = FieldSet(defaults: Faces()) {
        Field("model", \.model, path, default: "none", "A YuNet model in ONNX, in place of dlib's detector and OpenCV's cascades.")
    }

    private static let robot = FieldSet(defaults: Robot()) {
        Field("mapping", \.mapping, FeatureMapping.shape, required: true, "Which topics make up which features.")
    }

    private static let age = Shape<Duration>.duration(.seconds(1)...(.seconds(100 * 366 * 86_400)))

    private static let retention = FieldSet(defaults: SiteConfiguration.Retention()) {
        Field("packages", \.packages, age, default: "for ever", "How long packages stay in the outbox after their job's end.")
        Field("sidecars", \.sidecars, age, default: "for ever", "How long sidecars stay in the inbox after their job's end.")
        Field(
            "max_bytes",
            \.maximumBytes,
            .size(0...mostBytes),
            default: "no limit",
            "The most bytes that all packages together may take; the oldest go first."
        )
    }

    private static let notify = FieldSet(defaults: SiteConfiguration.Notify()) {
        Field("sendmail", \.sendmail, absolutePath, "The host's mail program, which takes a message as sendmail does.")
        Field("from", \.from, .emailAddress, "The sender's address.")
        Field(
            "command",
            \.command,
            .list(of: .text("the absolute path of a program, then its arguments", upTo: 4_000), upTo: 100),
            default: "none",
            "A program that gets the status of every completed or failed export as JSON on its standard input."
        )
        Field("timeout", \.timeout, .duration(.seconds(1)...(.seconds(600))), "The longest that either of them may take.")
    } check: { notify, node, path, problems in
        guard let program = notify.command.first, !program.hasPrefix("/") else { return }
        problems.add(
            at: node.value(of: "command")?.position ?? node.position,
            path.key("command"),
            "\(path.key("command")) begins with \(program), which is not the absolute path of a program.",
            hint: "Write where the program lies, such as /etc/exportd/notify."
        )
    }

    private static let absolutePath = Shape<String>.text("the absolute path of a program", upTo: 4_000, pattern: "^/") { $0.hasPrefix("/") }

    private static let robotName = KeyRule(
        expected: "a robot's name as dataset.yaml writes it, of at most 200 characters",
        pattern: "^.{1,200}$"
    ) { name in
        !name.isEmpty && name.unicodeScalars.count <= 200
    }

    private static let limits = FieldSet(defaults: SiteConfiguration.Limits()) {
        Field("max_request_bytes", \.maximumRequestBytes, .size(1_024...(1 << 20)), "The most bytes that a request may have.")
        Field("max_datasets", \.maximumDatasets, .integer(1...10_000_000), "The most datasets that one job may select.")
        Field("max_job_hours", \.maximumJobHours, .decimal(0.01...8_760), "The most hours that one job may run.")
        Field(
            "long_job",
            \.longJob,
            .duration(.seconds(1)...(.seconds(7 * 86_400))),
            "So long a job runs, or is expected to, before shorter ones no longer wait for it."
        )
        Field(
            "min_free_bytes",
            \.minimumFreeBytes,
            .size(0...mostBytes),
            "The bytes that must stay free on the file systems of work and outbox."
        )
        Field(
            "worker_memory",
            \.workerMemory,
            .size((256 << 20)...mostBytes),
            "The most memory of its own that one worker process may use; mapped recordings do not count."
        )
    }
}
