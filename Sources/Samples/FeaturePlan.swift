public import ExportCore
public import Formats

/// Which topics of a recording make up which features: decided from the topics' names and types alone, so that a plan can
/// be checked against the catalogue without opening a recording.
public struct FeaturePlan: Hashable, Sendable {
    /// A vector of numbers at every tick.
    public struct Numeric: Hashable, Sendable {
        /// The feature's name, such as `observation.state`.
        public let name: String
        /// What it is concatenated from, in order; empty for a feature of width 0.
        public let sources: [NumericSource]
    }

    /// One topic's share of a numeric feature.
    public struct NumericSource: Hashable, Sendable {
        /// The topic, with its leading slash.
        public let topic: String
        /// The path of the field inside the message.
        public let field: String
        /// Which elements are taken, in order; all where nil.
        public let indices: [ClosedRange<Int>]?
        /// Names in place of the recording's own.
        public let names: [String]?
        /// A factor on every value.
        public let scale: Double
        /// Set before each name where several topics feed one feature, such as `left_arm`.
        public let prefix: String?
    }

    /// One camera.
    public struct Camera: Hashable, Sendable {
        /// The feature's name, `observation.images.<camera>`.
        public let name: String
        /// The topic, with its leading slash.
        public let topic: String
    }

    /// The name of the feature that holds what the robot's joints are.
    public static let state = "observation.state"
    /// The name of the feature that holds what they were told to become.
    public static let action = "action"
    /// The name of the feature that holds how far the grippers are closed.
    public static let gripper = "observation.gripper"
    /// What the name of every camera's feature begins with.
    public static let imagePrefix = "observation.images."

    /// State, action and gripper, each possibly without sources.
    public let numerics: [Numeric]
    /// The cameras, sorted by feature name.
    public let cameras: [Camera]
    /// What the user should know of the choice.
    public let warnings: [Warning]

    /// Applies the mapping where there is one, and the rule by topic names to every feature that it does not name.
    ///
    /// - Throws: `topic_missing` where the mapping names a topic that the recording lacks, or where nothing at all could
    ///   be exported; `dataset_unreadable` where the recording holds no messages.
    public init(topics: [TopicSummary], mapping: FeatureMapping?) throws(ExportError) {
        let named = mapping?.features ?? [:]
        let present = topics.filter { $0.messages > 0 }
        guard !present.isEmpty else {
            throw ExportError(.datasetUnreadable, "The recording holds no messages.", hint: "Leave it out, or record it again.")
        }
        try FeaturePlan.checkTopicsExist(named, in: topics)
        var warnings: [Warning] = []

        let mappedCameras = named.keys.filter { $0.hasPrefix(FeaturePlan.imagePrefix) }.sorted()
        if mappedCameras.isEmpty {
            let (cameras, depths) = TopicRule.cameras(among: present)
            self.cameras = cameras
            for topic in depths {
                warnings.append(
                    Warning("depth_left_out", "The depth camera \(topic) is left out: depth does not fit pictures of 8-bit colours.")
                )
            }
        } else {
            cameras = mappedCameras.flatMap { name in
                named[name, default: []].prefix(1).map { Camera(name: name, topic: TopicRule.normalised($0.topic)) }
            }
        }

        numerics = [FeaturePlan.state, FeaturePlan.action, FeaturePlan.gripper].map { name in
            if let sources = named[name] {
                return Numeric(name: name, sources: FeaturePlan.sources(sources, topics: topics))
            }
            return Numeric(name: name, sources: TopicRule.sources(of: name, among: present))
        }
        if cameras.isEmpty && numerics.allSatisfy(\.sources.isEmpty) {
            throw ExportError(
                .topicMissing,
                "The recording has neither joint states, commands or a gripper nor a camera that exportd can recognise.",
                hint: "Name the topics in a mapping: block; the recording has \(FeaturePlan.list(topics.map(\.topic)))."
            )
        }
        for numeric in numerics where numeric.sources.isEmpty && numeric.name != FeaturePlan.gripper {
            warnings.append(
                Warning("feature_missing", "No topic gives \(numeric.name), so it is left empty; a mapping: block can name the topic.")
            )
        }
        self.warnings = warnings
    }

    private static func checkTopicsExist(_ features: [String: [FeatureMapping.Source]], in topics: [TopicSummary]) throws(ExportError) {
        let present = Set(topics.filter { $0.messages > 0 }.map(\.topic))
        var details: [ExportError.Detail] = []
        for (feature, sources) in features.sorted(by: { $0.key < $1.key }) {
            for source in sources where !present.contains(TopicRule.normalised(source.topic)) {
                details.append(.init("\(feature) is mapped to \(source.topic), which has no messages in the recording."))
            }
        }
        guard let first = details.first else { return }
        throw ExportError(
            .topicMissing,
            first.message,
            hint: "The recording has \(list(present.sorted())).",
            details: details.count > 1 ? details : []
        )
    }

    private static func sources(_ sources: [FeatureMapping.Source], topics: [TopicSummary]) -> [NumericSource] {
        let names = sources.map { TopicRule.normalised($0.topic) }
        let prefixes = TopicRule.distinguishingNames(of: names)
        return sources.indices.map { index in
            let source = sources[index]
            let type = topics.first { $0.topic == names[index] }?.type
            return NumericSource(
                topic: names[index],
                field: source.field ?? TopicRule.defaultField(ofType: type) ?? "data",
                indices: source.indices,
                names: source.names,
                scale: source.scale ?? 1,
                prefix: Set(names).count > 1 ? prefixes[index] : nil
            )
        }
    }

    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "no topics at all" }
        let shown = names.prefix(12).joined(separator: ", ")
        return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
    }
}
