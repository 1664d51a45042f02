/// Users and groups, by their names on this machine; digits stand for a numeric id.
public struct People: Hashable, Sendable {
    /// User names.
    public var users: [String] = []
    /// Group names: all their members.
    public var groups: [String] = []

    /// Nobody.
    public init() {}

    /// The given users.
    public init(users: [String], groups: [String] = []) {
        self.users = users
        self.groups = groups
    }

    /// As the subject or object of a sentence: `pam, root and members of exportd-admin`; nil for nobody.
    public var phrase: String? {
        let names = users + groups.map { "members of \($0)" }
        guard let last = names.last else { return nil }
        return names.count == 1 ? last : "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }
}

/// Who may do what.
public struct Roles: Hashable, Sendable {
    /// What becomes of requests whose owner this machine has no name for.
    public enum UnknownOwner: String, CaseIterable, Sendable {
        case refuse
        case trainingEngineer = "training_engineer"
        case projectManager = "project_manager"
        case administrator
    }

    /// May do everything.
    public var administrators = People()
    /// May manage the jobs of their projects.
    public var projectManagers = People()
    /// May export.
    public var trainingEngineers = People()
    /// May ask for jobs on behalf of anyone.
    public var trustedSubmitters = People()
    /// What becomes of requests of unknown owners.
    public var unknownOwner = UnknownOwner.refuse

    /// No roles for anybody.
    public init() {}
}

/// Who may export a project's data.
public struct Project: Hashable, Sendable {
    /// May export it, and see, cancel and retry the jobs of others that do.
    public var managers = People()
    /// May export it.
    public var members = People()

    /// A project that only administrators may export.
    public init() {}
}
