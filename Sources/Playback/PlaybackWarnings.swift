import ExportCore
import Recordings

extension PlaybackContent {
    /// What the user should know of the recording and of what was made of it.
    ///
    /// That a topic cannot be taken apart is nothing to someone who gets its messages as they are.
    func warnings(with further: [Warning], of dataset: DatasetID) -> [Warning] {
        let recording = source.recording.warnings.filter { $0.code != "topic_undecodable" }
        return (recording + warnings + further).map { Warning($0.code, $0.message, dataset: dataset) }
    }
}
