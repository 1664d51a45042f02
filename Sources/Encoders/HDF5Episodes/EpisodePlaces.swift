import Formats
import HDF5
import Samples

/// Where an episode's arrays lie in its group, by the layout that was asked for.
struct EpisodePlaces {
    private let layout: HDF5Options.Layout
    private let group: HDF5Group
    private let observations: HDF5Group
    private let next: HDF5Group?
    private let images: HDF5Group

    /// Makes the groups below an episode's own.
    init(_ layout: HDF5Options.Layout, in group: HDF5Group) throws(HDF5Error) {
        self.layout = layout
        self.group = group
        switch layout {
        case .platform: (observations, images, next) = (group, group, nil)
        case .aloha:
            observations = try group.makeGroup("observations")
            images = try observations.makeGroup("images")
            next = nil
        case .robomimic:
            observations = try group.makeGroup("obs")
            images = observations
            next = try group.makeGroup("next_obs")
        }
    }

    /// What takes the rows of a numeric feature; one for each array that is made of them.
    func takers(
        of feature: SampledRecording.NumericFeature,
        count: Int,
        rate: Double,
        storage: HDF5Storage,
        block: Int
    ) throws(HDF5Error) -> [any RowTaker] {
        let width = feature.columns.count
        func rows(_ name: String, in group: HDF5Group) throws(HDF5Error) -> RowBuffer<Float> {
            let dataset = try group.makeDataset(name, of: Float.self, shape: [count, width], storage: storage)
            try dataset.setAttribute("names", feature.columns)
            return RowBuffer(dataset: dataset, width: width, block: block)
        }
        let isAction = feature.name == FeaturePlan.action
        let isState = feature.name == FeaturePlan.state
        // The platform's loader wants a gripper even where there is none; others would take it for one.
        guard layout == .platform || width > 0 else { return [] }
        switch layout {
        case .platform: return [try rows(feature.name, in: group)]
        case .aloha:
            if isAction { return [try rows("action", in: group)] }
            guard isState else { return [try rows("gripper", in: observations)] }
            return [try rows("qpos", in: observations), Velocities(try rows("qvel", in: observations), rate: rate)]
        case .robomimic:
            if isAction { return [try rows("actions", in: group)] }
            let name = isState ? "state" : "gripper"
            var takers: [any RowTaker] = [try rows(name, in: observations)]
            if let next { takers.append(NextRows(try rows(name, in: next))) }
            return takers
        }
    }

    /// The group of a camera's array and the array's name there.
    func place(ofCamera feature: String) -> (group: HDF5Group, name: String) {
        let camera = String(feature.dropFirst(FeaturePlan.imagePrefix.count))
        return switch layout {
        case .platform: (images, feature)
        case .aloha: (images, camera)
        case .robomimic: (images, "\(camera)_image")
        }
    }
}
