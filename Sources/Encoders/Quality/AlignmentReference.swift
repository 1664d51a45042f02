import ExportCore
import Plans
import Recordings

/// The stream that others are measured against.
enum AlignmentReference {
    /// The topic that was asked for; where none was, the first camera by name, else the topic with the most messages.
    ///
    /// - Throws: `topic_missing` where the recording lacks it or has no topic at all.
    static func choose(_ name: String?, in dataset: PlannedDataset) throws(ExportError) -> TopicSummary {
        if let name {
            let wanted = Topic.normalised(name)
            if let topic = dataset.topics.first(where: { Topic.normalised($0.topic) == wanted }) { return topic }
            throw ExportError(
                .topicMissing,
                "The reference \(wanted) is no topic of the recording.",
                hint: "Name one of its topics as reference, or leave the key out."
            )
        }
        let cameras = dataset.topics.filter { topic in
            if case .image = TopicContent(type: topic.type) { topic.messages > 0 } else { false }
        }
        if let first = cameras.min(by: { $0.topic.utf8.lexicographicallyPrecedes($1.topic.utf8) }) { return first }
        // Of several with as many the first by name, since topics are sorted.
        let most = dataset.topics.map(\.messages).max()
        guard let topic = dataset.topics.first(where: { $0.messages == most }) else {
            throw ExportError(.topicMissing, "The recording has no topic, so nothing can be aligned.")
        }
        return topic
    }
}
