import Glibc
public import Logging

/// Writes each log event as one line on standard error with a single write.
///
/// Under systemd the line begins with the priority that journald understands (`<4>`); elsewhere with the level in
/// words.
public struct ServiceLogHandler: LogHandler {
    /// How the lines look.
    public enum Style: Sendable {
        /// `<6>message key=value`: journald adds time and program.
        case journal
        /// `2026-11-22T17:15:00Z info: message key=value`.
        case plain
    }

    /// Events below this level are not written.
    public var logLevel: Logger.Level
    /// Metadata of every event.
    public var metadata: Logger.Metadata = [:]
    private let style: Style
    private let write: @Sendable (String) -> Void

    /// A handler.
    /// - Parameter write: Takes each line, with its end.
    public init(level: Logger.Level = .info, style: Style, write: @escaping @Sendable (String) -> Void = Self.writeToStandardError) {
        logLevel = level
        self.style = style
        self.write = write
    }

    /// The style that fits what standard error is connected to.
    public static func styleOfStandardError() -> Style {
        // The variable holds device and inode of the journal's stream, since a child may have been given another one.
        guard let text = getenv("JOURNAL_STREAM") else { return .plain }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return .plain }
        return String(cString: text) == "\(status.st_dev):\(status.st_ino)" ? .journal : .plain
    }

    /// Writes a line to standard error; what cannot be written is lost rather than waited for.
    public static func writeToStandardError(_ line: String) {
        let bytes = Array(line.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// One value of the metadata of every event.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event.
    public func log(event: LogEvent) {
        var line =
            switch style {
            case .journal: "<\(Self.priority(event.level))>"
            case .plain: "\(Self.time()) \(event.level): "
            }
        line += LogText.escaped("\(event.message)")
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for key in all.keys.sorted() {
            guard let value = all[key] else { continue }
            line += " \(LogText.escaped(key))=\(Self.quoted(LogText.escaped("\(value)")))"
        }
        write(line + "\n")
    }

    /// The number of syslog(3) for a level.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// A value as it stands behind a key: in quotes where it would not read as one word.
    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
    }

    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
