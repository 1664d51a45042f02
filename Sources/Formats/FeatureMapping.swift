/// Which topics make up which features, in place of the rule by topic names.
///
/// Keys are feature names (`observation.state`, `action`, `observation.gripper`, `observation.images.<camera>`); each
/// lists its sources, which are concatenated in the order given.
public struct FeatureMapping: Hashable, Codable, Sendable {
    /// One source of numbers or images.
    public struct Source: Hashable, Codable, Sendable {
        /// The topic, with or without its leading slash.
        public var topic: String
        /// The path to the field inside the message, such as `pose.position.x`; `position` for joint states and the
        /// payload for images where absent.
        public var field: String?
        /// Which elements of an array field are taken, in order; all where absent.
        ///
        /// Written as numbers and closed ranges.
        public var indices: [ClosedRange<Int>]?
        /// Names of the elements in place of the recording's own.
        public var names: [String]?
        /// A factor on every value, such as 0.001 from millimetres to metres.
        public var scale: Double?

        /// A source of which only the topic is given.
        public init(topic: String) {
            self.topic = topic
        }
    }

    /// Sources by feature name.
    public var features: [String: [Source]]

    /// A mapping of the given features.
    public init(features: [String: [Source]] = [:]) {
        self.features = features
    }
}

/// What stands in for `action` where no topic carries commands.
public enum ActionSource: String, Codable, CaseIterable, Sendable {
    /// The topics that the mapping names; without one the feature is left out, with a warning.
    case topics
    /// The state at the next tick (the last tick repeats its own).
    case nextState = "next_state"
}
