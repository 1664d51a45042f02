import ExportCore
import Recordings

/// The rule by which topics become features where no mapping says otherwise.
enum TopicRule {
    /// A topic with its leading slash.
    static func normalised(_ topic: String) -> String {
        topic.hasPrefix("/") ? topic : "/\(topic)"
    }

    /// The field that carries the numbers of a message type, or nil where the rule knows none.
    static func defaultField(ofType type: String?) -> String? {
        switch type {
        case "sensor_msgs/JointState": "position"
        case "std_msgs/Float32", "std_msgs/Float64", "std_msgs/Float32MultiArray", "std_msgs/Float64MultiArray", "std_msgs/Int8",
            "std_msgs/Int16", "std_msgs/Int32", "std_msgs/Int64", "std_msgs/UInt8", "std_msgs/UInt16", "std_msgs/UInt32",
            "std_msgs/UInt64", "std_msgs/Bool":
            "data"
        default: nil
        }
    }

    /// The sources of state, action or gripper among topics that are sorted by name.
    static func sources(of feature: String, among topics: [TopicSummary]) -> [FeaturePlan.NumericSource] {
        let chosen = topics.filter { self.feature(of: $0) == feature }
        let prefixes = distinguishingNames(of: chosen.map(\.topic))
        return chosen.indices.map { index in
            FeaturePlan.NumericSource(
                topic: chosen[index].topic,
                field: defaultField(ofType: chosen[index].type) ?? "data",
                indices: nil,
                names: nil,
                scale: 1,
                prefix: chosen.count > 1 ? prefixes[index] : nil
            )
        }
    }

    /// The numeric feature that a topic feeds, or nil.
    private static func feature(of topic: TopicSummary) -> String? {
        guard defaultField(ofType: topic.type) != nil else { return nil }
        if topic.type == "sensor_msgs/JointState" {
            if topic.topic.hasSuffix("/joint_states") || topic.topic.hasSuffix("/joint_state") { return FeaturePlan.state }
            if topic.topic.hasSuffix("/joint_cmd") || topic.topic.hasSuffix("/joint_command") { return FeaturePlan.action }
        }
        return topic.topic.lowercased().contains("gripper") ? FeaturePlan.gripper : nil
    }

    /// The colour cameras with their feature names, and the topics of depth cameras.
    static func cameras(among topics: [TopicSummary]) -> (cameras: [FeaturePlan.Camera], depths: [String]) {
        let images = topics.filter { isImage($0.type) }
        let depths = images.filter(isDepth).map(\.topic)
        let colours = images.filter { !isDepth($0) }.map(\.topic)
        let names = distinguishingNames(of: colours)
        let cameras = zip(names, colours).map { FeaturePlan.Camera(name: FeaturePlan.imagePrefix + $0, topic: $1) }
        return (cameras.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }, depths)
    }

    private static func isImage(_ type: String) -> Bool {
        if case .image = TopicContent(type: type) { return true }
        return false
    }

    /// Uncompressed images on a topic that says depth, and compressedDepth: a colourised depth picture in JPEG is a picture.
    private static func isDepth(_ topic: TopicSummary) -> Bool {
        let path = topic.topic.lowercased()
        if path.hasSuffix("/compresseddepth") { return true }
        return path.contains("depth") && TopicContent(type: topic.type) == .image(.raw)
    }

    /// For each topic its first path element, or where several share that the shortest beginnings of their paths that tell
    /// them apart; elements are joined by underscores, and characters that names should not hold become underscores.
    static func distinguishingNames(of topics: [String]) -> [String] {
        let paths = topics.map { $0.split(separator: "/").map { sanitised(String($0)) } }
        var names = paths.map { $0.prefix(1).joined(separator: "_") }
        var length = 1
        while true {
            let groups = Dictionary(grouping: topics.indices) { names[$0] }.values.filter { $0.count > 1 }
            let growing = groups.flatMap { $0 }.filter { paths[$0].count > length }
            if growing.isEmpty {
                // Topics that differ in nothing but odd characters are numbered.
                for group in groups {
                    for (number, index) in group.sorted().enumerated().dropFirst() { names[index] += "_\(number + 1)" }
                }
                return names
            }
            length += 1
            for index in growing { names[index] = paths[index].prefix(length).joined(separator: "_") }
        }
    }

    private static func sanitised(_ element: String) -> String {
        String(
            element.unicodeScalars.map { scalar in
                scalar.properties.isAlphabetic || scalar == "_" || scalar == "-" || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
            }
        )
    }
}
