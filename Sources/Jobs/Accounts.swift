import Glibc

/// Users and groups as this machine knows them.
enum Accounts {
    /// A user of this machine.
    struct User {
        var uid: UInt32
        var name: String
        /// The numeric ids of all groups that the user is in.
        var groups: Set<UInt32>
    }

    /// The user of a number, or nil where the machine has no name for it.
    static func user(_ uid: UInt32) -> User? {
        lookUp { entry, buffer, result in getpwuid_r(uid, entry, buffer.start, buffer.count, result) }
    }

    /// The user of a name, or nil where there is none.
    static func user(named name: String) -> User? {
        lookUp { entry, buffer, result in getpwnam_r(name, entry, buffer.start, buffer.count, result) }
    }

    /// The number of a group, by its name or in digits; nil where there is none.
    static func group(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        var size = 16_384
        while size <= 16 << 20 {
            var entry = Glibc.group()
            var result: UnsafeMutablePointer<Glibc.group>?
            var buffer = [CChar](repeating: 0, count: size)
            let code = getgrnam_r(name, &entry, &buffer, buffer.count, &result)
            // A group with thousands of members needs a larger buffer.
            guard code == ERANGE else { return code == 0 && result != nil ? entry.gr_gid : nil }
            size *= 4
        }
        return nil
    }

    private static func lookUp(
        _ call: (
            UnsafeMutablePointer<passwd>, (start: UnsafeMutablePointer<CChar>, count: Int),
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> User? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, call(&entry, (start, buffer.count), &result) == 0, result != nil, let name = entry.pw_name
            else { return nil }
            return User(uid: entry.pw_uid, name: String(cString: name), groups: groups(name, primary: entry.pw_gid))
        }
    }

    private static func groups(_ name: UnsafePointer<CChar>, primary: UInt32) -> Set<UInt32> {
        var count: Int32 = 64
        while count <= 65_536 {
            var groups = [gid_t](repeating: 0, count: Int(count))
            let room = count
            if getgrouplist(name, primary, &groups, &count) >= 0 { return Set(groups.prefix(Int(count))) }
            // It says how many there are; where it does not, ask for more.
            count = max(count, room * 2)
        }
        return [primary]
    }
}
