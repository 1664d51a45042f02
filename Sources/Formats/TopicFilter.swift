import ExportCore

/// Which topics an export takes, by names and patterns.
public struct TopicFilter: Hashable, Codable, Sendable {
    /// Names and patterns of the topics that are taken; all topics where there are none.
    public var include: [String] = []
    /// Names and patterns of topics that are left out of these.
    public var exclude: [String] = []

    /// All topics.
    public init() {}

    /// Whether nothing is filtered.
    public var takesAll: Bool { include.isEmpty && exclude.isEmpty }

    /// Whether a topic is taken.
    ///
    /// - Parameter topic: its name, with or without its leading slash.
    public func takes(_ topic: String) -> Bool {
        guard include.isEmpty || include.contains(where: { Self.matches($0, topic) }) else { return false }
        return !exclude.contains { Self.matches($0, topic) }
    }

    /// The names in `include` that are no patterns and that none of the topics has.
    public func missing(among topics: [String]) -> [String] {
        include.filter { name in !NamePattern.isPattern(name) && !topics.contains { Self.matches(name, $0) } }
    }

    /// A pattern is held against the topic with its leading slash and without, so that it may be written either way.
    private static func matches(_ pattern: String, _ topic: String) -> Bool {
        let bare = topic.utf8.first == UInt8(ascii: "/") ? String(topic.dropFirst()) : topic
        return NamePattern.matches(pattern, "/" + bare) || NamePattern.matches(pattern, bare)
    }
}
