public import Configuration
import Glibc
public import Ledger

/// A user by the kernel's word, and what that user may do.
///
/// Root and the daemon's own account are administrators always. An owner without a name, and the `nobody` that NFS servers
/// put in root's place, may nothing unless the configuration says so.
public struct Identity: Hashable, Sendable {
    /// What the configuration makes of a user.
    public enum Role: String, Sendable {
        case administrator
        case projectManager = "project_manager"
        case trainingEngineer = "training_engineer"
        /// Known to the machine, and named by no role.
        case none
        /// Not known to the machine.
        case unknown
    }

    /// The numeric id.
    public let uid: UInt32
    /// The user's name, or `uid 1234` where the machine has none for it.
    public let name: String
    /// What the user may do.
    public let role: Role
    /// Whether the user may ask for jobs on behalf of anyone.
    public let isTrustedSubmitter: Bool
    /// The projects that the user manages.
    public let managed: Set<String>
    /// The projects whose data the user may export, besides those that are open to every role.
    public let projects: Set<String>
    /// All projects that are not open to every role.
    public let closed: Set<String>

    /// The identity of a file's owner.
    ///
    /// - Parameter daemon: The daemon's own account, which is an administrator; nil says that this is the daemon.
    public init(uid: UInt32, _ site: SiteConfiguration, daemon: UInt32? = nil) {
        let user = Accounts.user(uid)
        self.init(uid: uid, known: user?.name == "nobody" ? nil : user, name: user?.name, site, daemon: daemon ?? geteuid())
    }

    /// The identity of whoever runs a program that is not the daemon; the daemon's account is the one that owns the spool.
    public static func caller(_ site: SiteConfiguration) -> Identity {
        var spool = stat()
        return Identity(uid: getuid(), site, daemon: stat(site.spool, &spool) == 0 ? spool.st_uid : nil)
    }

    /// The identity of a user of this machine, or nil where there is none of that name.
    public init?(named name: String, _ site: SiteConfiguration) {
        guard let user = Accounts.user(named: name), user.name != "nobody" else { return nil }
        self.init(uid: user.uid, known: user, name: user.name, site, daemon: geteuid())
    }

    private init(uid: UInt32, known user: Accounts.User?, name: String?, _ site: SiteConfiguration, daemon: UInt32) {
        self.uid = uid
        self.name = name ?? "uid \(uid)"
        closed = Set(site.projects.keys)
        let membership = user.map(Membership.init)
        func has(_ people: People) -> Bool { membership?.matches(people) ?? false }
        managed = Set(site.projects.filter { has($0.value.managers) }.keys)
        projects = managed.union(site.projects.filter { has($0.value.members) }.keys)
        isTrustedSubmitter = site.roles.map { has($0.trustedSubmitters) } ?? false
        if uid == 0 || uid == daemon {
            role = .administrator
        } else if user == nil {
            role =
                switch site.roles?.unknownOwner ?? .refuse {
                case .refuse: .unknown
                case .trainingEngineer: .trainingEngineer
                case .projectManager: .projectManager
                case .administrator: .administrator
                }
        } else if let roles = site.roles {
            role =
                if has(roles.administrators) {
                    .administrator
                } else if has(roles.projectManagers) || !managed.isEmpty {
                    .projectManager
                } else if has(roles.trainingEngineers) || !projects.isEmpty {
                    .trainingEngineer
                } else {
                    .none
                }
        } else {
            role = managed.isEmpty ? .trainingEngineer : .projectManager
        }
    }

    /// Who the ledger says did something.
    public var actor: Actor { Actor(uid: uid, name: name) }

    /// Whether the user may use the service at all for jobs of their own.
    var mayExport: Bool {
        switch role {
        case .administrator, .projectManager, .trainingEngineer: true
        case .none, .unknown: false
        }
    }

    /// Whether the user may export the data of a project; nil is data of no project.
    func mayExport(project: String?) -> Bool {
        guard mayExport else { return false }
        guard role != .administrator, let project, closed.contains(project) else { return true }
        return projects.contains(project)
    }

    /// Whether the user may see, cancel and retry a job.
    ///
    /// - Parameter projects: the projects whose data it is about.
    public func mayManage(_ job: Job, projects: [String]) -> Bool {
        if role == .administrator { return true }
        if role != .unknown, job.uid == uid || job.submitter?.uid == uid { return true }
        // Whoever manages one project learns nothing of another that is closed.
        return role == .projectManager && projects.contains(where: managed.contains)
            && projects.allSatisfy { managed.contains($0) || !closed.contains($0) }
    }

    /// Which jobs the user may see.
    public var visibility: JobVisibility {
        switch role {
        case .administrator: .all
        case .unknown: .none
        case .projectManager where !managed.isEmpty: .managed(uid: uid, projects: managed.sorted(), closed: closed.sorted())
        case .projectManager, .trainingEngineer, .none: .own(uid: uid)
        }
    }
}

/// A user and all groups of the user.
private struct Membership {
    let user: Accounts.User

    func matches(_ people: People) -> Bool {
        people.users.contains { $0 == user.name || UInt32($0) == user.uid }
            || people.groups.contains { Accounts.group($0).map(user.groups.contains) ?? false }
    }
}
