public import ExportCore

/// A table that can't be written as it was described or filled.
public struct ParquetError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Kind: Hashable, Sendable {
        /// The schema breaks a rule of the format.
        case badSchema(String)
        /// The table has no such top-level field, or none of the asked type.
        case noSuchColumn(wanted: String)
        /// A value is not of the field's type.
        case wrongValue(given: String, wanted: String)
        /// A cell or page would exceed what a Parquet page can hold.
        case tooLarge
        /// The values given are no whole number of rows.
        case brokenRow(values: Int, width: Int)
        /// A column has another number of rows than the others of its row group.
        case unequalRows(Int, others: Int)
        /// A column of a row group was given both as values and by a fragment, or by two fragments.
        case givenTwice
        /// A file that should hold a fragment of a row group does not.
        case badFragment(String)
        /// The table was finished, or gave up after an earlier error.
        case closed
    }

    /// The column concerned, as a path with dots; the file for a fragment; empty where neither is.
    public var place: String
    /// What is wrong.
    public var kind: Kind

    init(_ place: String, _ kind: Kind) {
        self.place = place
        self.kind = kind
    }
}

extension ParquetError: CustomStringConvertible {
    /// A sentence: what is wrong with which column or file.
    public var description: String {
        switch kind {
        case .badSchema(let rule): place.isEmpty ? "The table can't be: \(rule)." : "The column \(place) can't be: \(rule)."
        case .noSuchColumn(let wanted): "The table has no column \(place) that holds \(wanted)."
        case .wrongValue(let given, let wanted): "The column \(place) was given \(given) where it holds \(wanted)."
        case .tooLarge: "A row of the column \(place) is larger than the 1 GiB that a page of a Parquet file may hold."
        case .brokenRow(let values, let width): "The column \(place) was given \(values) values, not a multiple of its width \(width)."
        case .unequalRows(let rows, let others): "The column \(place) has \(rows) rows where the others of its row group have \(others)."
        case .givenTwice: "The column \(place) was given twice for one row group."
        case .badFragment(let problem): "\(place) is no whole fragment of a row group: \(problem)."
        case .closed: "The table was written to after it was finished or had failed."
        }
    }
}

extension ParquetError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        switch kind {
        case .badFragment:
            ExportError(
                .ioError,
                description,
                hint: "A file of the work folder or the cache of parts was damaged; it is made anew by trying again.",
                location: .init(file: place)
            )
        case .tooLarge: ExportError(.datasetUnreadable, description)
        default: ExportError(.internal, description, hint: "Please report this with the daemon's log.")
        }
    }
}
