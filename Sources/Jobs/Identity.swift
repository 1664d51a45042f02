import Glibc

/// Who submitted a request, by the kernel's word on its file, and what that person may do.
///
/// Root and the daemon's own account are administrators; every other user that this machine has a name for may export and
/// manage own jobs. An owner without a name, and the `nobody` that NFS servers put in root's place, may nothing.
public struct Identity: Hashable, Sendable {
    /// What the configuration makes of a user.
    public enum Role: String, Sendable {
        case administrator
        case trainingEngineer = "training_engineer"
        case unknown
    }

    /// The numeric id.
    public let uid: UInt32
    /// The user's name, or `uid 1234` where the machine has none for it.
    public let name: String
    /// What the user may do.
    public let role: Role

    /// The identity of a file's owner.
    public init(uid: UInt32) {
        self.uid = uid
        let known = Self.name(of: uid)
        name = known ?? "uid \(uid)"
        if uid == 0 || uid == geteuid() {
            role = .administrator
        } else if known == nil || known == "nobody" {
            role = .unknown
        } else {
            role = .trainingEngineer
        }
    }

    /// Whether this user may see, cancel and retry a job of that owner.
    public func mayManage(jobsOf owner: UInt32) -> Bool {
        switch role {
        case .administrator: true
        case .trainingEngineer: owner == uid
        case .unknown: false
        }
    }

    private static func name(of uid: UInt32) -> String? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let code = getpwuid_r(uid, &entry, &buffer, buffer.count, &result)
        guard code == 0, result != nil, let name = entry.pw_name else { return nil }
        return String(cString: name)
    }
}
