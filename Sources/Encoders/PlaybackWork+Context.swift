import Encoding
import ExportCore
import Plans
import Playback

extension PlaybackWork {
    /// A dataset's playback in the folder of its part.
    ///
    /// - Parameter bytesRead: what will have been read of the dataset in the end.
    init(dataset: PlannedDataset, in context: PartContext, bytesRead: Int64) {
        let report = context.progress
        self.init(dataset: dataset, folder: context.folder, cancellation: context.cancellation) { fraction in
            report(WorkerProgress(fraction: fraction, dataset: dataset.id, bytesRead: Int64(Double(bytesRead) * fraction)))
        }
    }
}
