import ExportCore
import Fields
import YAML

/// The keys of `quota:`, `roles:` and `projects:`.
enum AccessFields {
    // MARK: quota

    static let quota = FieldSet(defaults: QuotaPolicy()) {
        Field("window", \.window, .choice(), "How long usage counts: windows begin at midnight UTC, weeks on Monday, months on the first.")
        Field("default", \.standard, limit, default: "unlimited", "For every user whom users does not name, and for what it leaves out.")
        Field("users", \.users, .map(of: limit, key: userName, upTo: 10_000), default: "none", "For single users.")
        Field("system", \.system, limit, default: "unlimited", "For all users together.")
    }

    private static let limit = Shape<QuotaLimit>.set(
        FieldSet(defaults: QuotaLimit()) {
            Field("exports", \.exports, .integer(0...1_000_000_000), default: "unlimited", "Exports of completed jobs in one window.")
            Field("bytes", \.bytes, .size(0...(1 << 60)), default: "unlimited", "Bytes of their packages in one window.")
        } check: { limit, node, path, problems in
            guard limit == QuotaLimit() else { return }
            problems.add(node, path, expected: "a mapping with exports, bytes or both", hint: "Leave the key out where there is no limit.")
        }
    )

    // MARK: roles

    static let roles = FieldSet(defaults: Roles()) {
        Field("administrators", \.administrators, people, default: "root", "May do everything; root and the daemon's account always may.")
        Field(
            "project_managers",
            \.projectManagers,
            people,
            default: "none",
            "May also use priority high; who manages a project is one too."
        )
        Field("training_engineers", \.trainingEngineers, people, default: "none", "May export; who is a member of a project may, too.")
        Field("trusted_submitters", \.trustedSubmitters, people, default: "none", "May ask for jobs on_behalf_of anyone, as cron does.")
        Field("unknown_owner", \.unknownOwner, .choice(), "What becomes of requests whose owner this machine has no name for.")
    }

    // MARK: projects

    static let projects = Shape<[String: Project]>.map(of: .set(project), key: projectName, upTo: 10_000)

    private static let project = FieldSet(defaults: Project()) {
        Field("managers", \.managers, people, default: "none", "May export the project, and see, cancel and retry its jobs.")
        Field("members", \.members, people, default: "none", "May export the project.")
    } check: { project, node, path, problems in
        guard project == Project() else { return }
        problems.add(node, path, expected: "a mapping with managers, members or both", hint: "An administrator may always export it.")
    }

    // MARK: people

    private static let name = Shape<String>.text("the name of a user or group", upTo: 256)

    private static let people = Shape<People>.list(
        .list(of: name),
        standingFor: { People(users: $0) },
        or: .set(
            FieldSet(defaults: People()) {
                Field("users", \.users, .list(of: name), default: "none", "User names.")
                Field("groups", \.groups, .list(of: name), default: "none", "Group names: all their members.")
            }
        )
    )

    private static let userName = KeyRule(expected: "a user's name of at most 256 characters", pattern: "^.{1,256}$") {
        !$0.isEmpty && $0.unicodeScalars.count <= 256
    }

    private static let projectName = KeyRule(
        expected: "a project's name as dataset.yaml writes it, of at most 200 characters",
        pattern: "^.{1,200}$"
    ) {
        !$0.isEmpty && $0.unicodeScalars.count <= 200
    }
}
