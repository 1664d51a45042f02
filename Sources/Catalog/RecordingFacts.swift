import ExportCore
import Recordings

/// What a scan wants to know of a recording: what its summary says, never its messages.
struct RecordingFacts: Hashable, Sendable {
    /// The topics, sorted.
    var topics: [TopicSummary] = []
    /// From the first to the last message; nil where there is none.
    var range: TimeRange?
    /// What a person should know of it.
    var warnings: [Warning] = []
}

extension RecordingFacts {
    /// Opens a recording's volumes, as one recording, and closes them again.
    static func read(_ volumes: [String], _ cancellation: Cancellation) throws -> RecordingFacts {
        let recording: Recording
        do throws(RecordingError) {
            recording = try Recording(volumes: volumes, cancellation: cancellation)
        } catch {
            // A scan that was stopped must not note the dataset as broken.
            if error.isCancellation { throw CancellationError() }
            throw error
        }
        let topics = recording.topics.map { TopicSummary(topic: $0.name, type: $0.type, messages: $0.messages) }
        return RecordingFacts(
            topics: topics.sorted { $0.topic.utf8.lexicographicallyPrecedes($1.topic.utf8) },
            range: recording.range,
            warnings: recording.warnings
        )
    }
}
