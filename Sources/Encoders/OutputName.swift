import ExportCore

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
