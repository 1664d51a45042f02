import ExportCore

/// The names of a recording's features: what the recordings of one dataset must have in common before anything else.
struct FeatureNames {
    /// State, action and gripper, those without columns left out.
    var numerics: [String]
    /// The cameras, sorted.
    var cameras: [String]

    /// What another recording has otherwise, as the rest of a sentence; nil where nothing is.
    func difference(to other: Self) -> String? {
        if numerics != other.numerics {
            return "one has \(Self.list(other.numerics)), the other \(Self.list(numerics))"
        }
        if cameras != other.cameras {
            return "one has the cameras \(Self.list(other.cameras)), the other \(Self.list(cameras))"
        }
        return nil
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}

extension ExportError {
    /// Two recordings that one LeRobot dataset cannot hold.
    static func features(of dataset: DatasetID, unlike first: DatasetID, _ difference: String) -> ExportError {
        ExportError(
            .datasetUnreadable,
            "\(dataset) and \(first) cannot be one LeRobot dataset: \(difference).",
            hint: "Select recordings of the same robot, export them apart, or make their features the same with a mapping: block.",
            location: .init(dataset: dataset)
        )
    }
}
