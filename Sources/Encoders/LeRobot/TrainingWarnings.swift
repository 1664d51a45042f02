import ExportCore
import Formats
import Samples

/// What somebody who trains on a recording's episodes should know before.
struct TrainingWarnings {
    let dataset: DatasetID
    let detail: LeRobotEncoder.Detail
    let options: LeRobotOptions
    let lengths: [Int]

    /// SmolVLA and pi0 pad state and action to so many numbers and take no more.
    private static let widestForPretrained = 32

    /// - Parameter numerics: for each episode the statistics of each numeric feature.
    func warnings(numerics: [[FeatureStatistics]]) -> [Warning] {
        var warnings: [Warning] = []
        func add(_ code: String, _ message: String) { warnings.append(Warning(code, message, dataset: dataset)) }
        for (index, feature) in detail.numerics.enumerated() {
            let constant = feature.columns.indices.filter { column in
                guard let first = numerics.first?[index].min[column] else { return false }
                return numerics.allSatisfy { $0[index].min[column] == first && $0[index].max[column] == first }
            }
            if !constant.isEmpty {
                let names = constant.map { feature.columns[$0] }.joined(separator: ", ")
                add(
                    "feature_constant",
                    "\(feature.name) never changes in \(names): a standard deviation of 0 makes normalised values explode."
                )
            }
            if feature.columns.count > Self.widestForPretrained, feature.name != FeaturePlan.gripper {
                add(
                    "feature_wide",
                    "\(feature.name) has \(feature.columns.count) numbers; SmolVLA and pi0 take \(Self.widestForPretrained) at most."
                )
            }
        }
        if Set(detail.cameras.map { [$0.width, $0.height] }).count > 1 {
            let sizes = detail.cameras.map { "\($0.name) \($0.width)×\($0.height)" }.joined(separator: ", ")
            add("cameras_differ", "The cameras differ in size (\(sizes)); Diffusion policies want one size.")
        }
        let short = lengths.count { Double($0) < options.sampling.rate.value }
        if short > 0 {
            add(
                "episodes_short",
                "\(short) of \(lengths.count) episodes are shorter than a second, which is less than most policies look ahead."
            )
        }
        return warnings
    }
}
