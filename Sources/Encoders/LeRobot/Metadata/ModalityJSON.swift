import Fields
import Samples

extension FeatureTable {
    /// `meta/modality.json`, by which GR00T slices state and action: each as a whole, since nothing in a recording says
    /// which of its columns belong together.
    var modality: FieldValue {
        func slice(_ name: String, key: String) -> [FieldMember] {
            guard let numeric = numerics.first(where: { $0.name == name }) else { return [] }
            return [
                FieldMember(key, ["start": .integer(0), "end": .integer(Int64(numeric.columns.count)), "original_key": .text(name)])
            ]
        }
        return [
            "state": .object(slice(FeaturePlan.state, key: "joints") + slice(FeaturePlan.gripper, key: "gripper")),
            "action": .object(slice(FeaturePlan.action, key: "joints")),
            "video": .object(
                cameras.map { FieldMember(String($0.name.dropFirst(FeaturePlan.imagePrefix.count)), ["original_key": .text($0.name)]) }
            ),
            "annotation": ["human.task_description": ["original_key": .text("task_index")]],
        ]
    }
}
