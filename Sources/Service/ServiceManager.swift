import Glibc

/// The line to the service manager: datagrams as sd_notify(3) describes them, without libsystemd.
///
/// Where the program was not started by a service manager everything here does nothing.
public struct ServiceManager: Sendable {
    private let address: [UInt8]?

    /// The line that a socket's address stands for: a path, or `@` and a name in the abstract namespace; nil for none.
    public init(socket: String?) {
        let bytes = socket.map { Array($0.utf8) } ?? []
        let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        let isAddress = bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "@")
        address = isAddress && bytes.count > 1 && bytes.count < room ? bytes : nil
    }

    /// The line that the environment names (`NOTIFY_SOCKET`).
    public static func fromEnvironment() -> ServiceManager {
        ServiceManager(socket: getenv("NOTIFY_SOCKET").map { String(cString: $0) })
    }

    /// Whether there is a service manager that listens.
    public var isPresent: Bool { address != nil }

    /// Says that the program is ready to serve.
    public func ready(status: String) {
        send(["READY=1", Self.status(status)])
    }

    /// Says in one line, for `systemctl status`, what the program is doing.
    public func report(_ status: String) {
        send([Self.status(status)])
    }

    /// Says that the program is alive.
    public func ping() {
        send(["WATCHDOG=1"])
    }

    /// Says that the configuration is being read again; `ready` ends it.
    public func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send(["RELOADING=1", "MONOTONIC_USEC=\(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)"])
    }

    /// Says that the program is about to end.
    public func stopping(status: String) {
        send(["STOPPING=1", Self.status(status)])
    }

    /// Asks for so much more time to end, counted from now.
    public func extendTimeout(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        send(["EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)"])
    }

    /// How often at least the service manager wants to hear that the program is alive; nil where it does not watch.
    public static func watchdogInterval() -> Duration? {
        guard let text = getenv("WATCHDOG_USEC"), let microseconds = Int64(String(cString: text)), microseconds > 0 else { return nil }
        if let process = getenv("WATCHDOG_PID"), String(cString: process) != String(getpid()) { return nil }
        return .microseconds(microseconds)
    }

    private static func status(_ text: String) -> String {
        // A line's end would begin another assignment.
        "STATUS=\(LogText.escaped(text))"
    }

    private func send(_ assignments: [String]) {
        guard let address else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { path in
            path.copyBytes(from: address)
            if address[0] == UInt8(ascii: "@") { path[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
        let message = Array(assignments.joined(separator: "\n").utf8)
        withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                // Nobody waits for this: a service manager that does not read must not stop the service.
                _ = sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), pointer, length)
            }
        }
    }
}
