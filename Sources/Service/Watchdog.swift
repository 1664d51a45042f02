/// Tells the service manager that the program is alive, as long as its heart answers.
public struct Watchdog: Sendable {
    private let manager: ServiceManager
    private let interval: Duration?
    private let heartbeat: @Sendable () async -> Void

    /// A watchdog.
    /// - Parameters:
    ///   - interval: How often at least the manager wants to hear; nil where it does not watch.
    ///   - heartbeat: Returns once the part of the program that decides what to do next has taken a turn. It must not wait
    ///     for files: a file server that is away is no reason to restart.
    public init(manager: ServiceManager, interval: Duration?, heartbeat: @escaping @Sendable () async -> Void) {
        self.manager = manager
        self.interval = interval
        self.heartbeat = heartbeat
    }

    /// Pings at half the interval until the task is cancelled.
    public func run() async {
        guard let interval else { return }
        while !Task.isCancelled {
            await heartbeat()
            manager.ping()
            try? await Task.sleep(for: interval / 2)
        }
    }
}
