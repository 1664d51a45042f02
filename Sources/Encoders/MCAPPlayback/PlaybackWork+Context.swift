import Encoding
import ExportCore
import Playback
import Plans

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

/// Where a dataset's files lie in a package.
enum OutputName {
    /// The dataset's id, which may name folders.
    ///
    /// - Throws: `internal` where the id would lead out of the package.
    static func path(of dataset: DatasetID) throws(ExportError) -> String {
        let components = dataset.text.split(separator: "/", omittingEmptySubsequences: false)
        guard components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
            throw ExportError(.internal, "The dataset's id \(dataset) cannot name a file.", location: .init(dataset: dataset))
        }
        return dataset.text
    }
}
