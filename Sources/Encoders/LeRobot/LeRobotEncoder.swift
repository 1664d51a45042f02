import Encoding
import ExportCore
import Formats
import Plans
import Samples

/// LeRobot datasets of format v3.0 and v2.1.
///
/// A part is one recording: a video for each episode and camera, or the pictures as encoded columns; the rows of the numeric
/// features; and a record for each episode. Assembly numbers episodes, frames and tasks through, joins videos by copying
/// packets, and writes tables and metadata.
struct LeRobotEncoder: Encoder {
    /// What a part leaves for assembly beside its files.
    struct Detail: Codable, Sendable {
        /// State, action and gripper, those without columns left out.
        var numerics: [FeatureTable.Numeric]
        /// The cameras with the size of their pictures as they are stored.
        var cameras: [FeatureTable.Camera]
        /// For each camera how its videos came to be.
        var videos: [VideoOrigin]
        /// For each camera how many pictures of its first episode are there for the dataset card.
        var previews: Int
    }

    static let version = 4

    let options: LeRobotOptions

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        var estimate = try SampleEstimate.of(dataset, options: options.samples)
        // Measured on 640×480 recordings of JPEG: AV1 takes a tenth of their bytes, H.264 a fifth.
        if options.images == .video { estimate.bytesWritten /= options.codec == .av1 ? 10 : 5 }
        return estimate
    }

    /// Topics alone tell which features there are; joints and sizes stand in the messages and are compared when parts are there.
    func check(_ dataset: PlannedDataset, beside first: PlannedDataset) throws(ExportError) {
        let (mine, firsts) = (try features(of: dataset), try features(of: first))
        guard let difference = firsts.difference(to: mine) else { return }
        throw .features(of: dataset.id, unlike: first.id, difference)
    }

    func check(_ part: Detail, of dataset: DatasetID, beside other: Detail, of otherDataset: DatasetID) throws(ExportError) {
        guard let difference = other.difference(to: part) else { return }
        var error = ExportError.features(of: dataset, unlike: otherDataset, difference)
        error.location = nil
        throw error
    }

    /// The names of the features that a dataset's topics give.
    private func features(of dataset: PlannedDataset) throws(ExportError) -> FeatureNames {
        let plan = try FeaturePlan(topics: dataset.topics, mapping: options.mapping ?? dataset.robotMapping)
        var numerics = plan.numerics.filter { !$0.sources.isEmpty }.map(\.name)
        let takesStateForAction = options.action == .nextState && numerics.first == FeaturePlan.state
        if takesStateForAction, !numerics.contains(FeaturePlan.action) { numerics.insert(FeaturePlan.action, at: 1) }
        return FeatureNames(numerics: numerics, cameras: plan.cameras.map(\.name))
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        let plan = try FeaturePlan(topics: dataset.topics, mapping: options.mapping ?? dataset.robotMapping)
        let lanes = min(max(context.threads, 1), max(plan.cameras.count, 1))
        let check = PictureDecoder(topic: "")
        return try SampledRecording.sampling(
            dataset,
            as: options.samples,
            lanes: lanes,
            scratch: context.scratch,
            cancellation: context.cancellation,
            isPicture: { picture, bytes in try check.isPicture(picture, bytes) },
            { try PartRecorder(dataset: dataset, options: options, context: context).record($0) }
        )
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        try DatasetAssembly(options: options, context: context).assemble(parts)
        try FaceBlurTable.assemble(parts, to: "\(context.folder)/meta/exportd")
    }
}

extension LeRobotOptions {
    /// What these options ask of the samples.
    var samples: SampleOptions {
        var samples = SampleOptions(sampling: sampling, mapping: mapping, action: action, defaultTask: defaultTask)
        samples.outermostOnly = subtasks == .frames
        // One value that is not finite makes the statistics useless, and with them every training.
        samples.finiteOnly = true
        return samples
    }
}
