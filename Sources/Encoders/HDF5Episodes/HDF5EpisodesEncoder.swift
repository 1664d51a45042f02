import Encoding
import ExportCore
import Formats
import HDF5
import Plans
import Samples

/// Episodes in HDF5, as the platform's training loader reads them: `/data/episode_001 …` with the arrays of each episode,
/// its instruction as attributes, and `/meta` with what made them.
///
/// A part is one recording in a file of its own, complete with `/meta`. With one recording to a file the parts are linked
/// into place as they are; with more, their episodes are copied into the file of their chunk and numbered through. Other layouts have the
/// same arrays where the loaders of ACT and of robomimic look for them.
struct HDF5EpisodesEncoder: Encoder {
    /// What a part leaves for assembly.
    struct Detail: Codable, Sendable {
        /// Names of the episode groups, or with `layout: aloha` of the episodes' files, in order.
        var episodes: [String]
    }

    static let version = 4
    static let partFile = "episodes.hdf5"

    let options: HDF5Options

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        try checkLayout(dataset)
        return try SampleEstimate.of(dataset, options: options.samples)
    }

    /// Trainers that learn to imitate need states and what was commanded in them.
    private func checkLayout(_ dataset: PlannedDataset) throws(ExportError) {
        guard options.layout != .platform else { return }
        let plan = try FeaturePlan(topics: dataset.topics, mapping: options.mapping ?? dataset.robotMapping)
        let present = plan.numerics.filter { !$0.sources.isEmpty }.map(\.name)
        for name in [FeaturePlan.state, FeaturePlan.action] where !present.contains(name) {
            let isAction = name == FeaturePlan.action
            if isAction, options.action == .nextState { continue }
            throw ExportError(
                .optionUnsupported,
                "layout: \(options.layout.rawValue) needs \(name), and no topic of \(dataset.id) gives it.",
                hint: "Name its topic in a mapping: block"
                    + (isAction ? ", let the next state stand for it with action: next_state," : "")
                    + " or ask for layout: platform.",
                location: .init(dataset: dataset.id)
            )
        }
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        let decoder = PictureDecoder(topic: "")
        return try SampledRecording.sampling(
            dataset,
            as: options.samples,
            lanes: options.faceBlur == nil ? 1 : max(context.threads, 1),
            scratch: context.scratch,
            cancellation: context.cancellation,
            isPicture: { picture, bytes in try decoder.isPicture(picture, bytes) },
            { lanes in
                let faces = try SampledFaceBlur(options.faceBlur, target: options.imageStorage == .raw ? .picture : .bytes)
                    .prepare(lanes, dataset: dataset.id, folder: context.folder)
                var part = try RecordingWriter(dataset: dataset, options: options, context: context).write(lanes[0])
                part.faceBlur = faces
                return part
            }
        )
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        try ChunkAssembly(options: options, context: context).assemble(parts)
        try FaceBlurTable.assemble(parts, to: context.folder)
    }
}

extension HDF5Options {
    /// What these options ask of the samples.
    var samples: SampleOptions {
        SampleOptions(sampling: sampling, mapping: mapping, action: action, defaultTask: defaultTask)
    }
}

/// Names in the file, one place for writer and assembly.
enum HDF5Names {
    /// `/data/episode_001`, counted from 1 in each file.
    static func episode(_ number: Int) -> String { "episode_\(padded(number))" }

    /// `chunk_001.hdf5`, counted from 1 in each export.
    static func chunk(_ number: Int) -> String { "chunk_\(padded(number)).hdf5" }

    /// `episode_0.hdf5`, counted from 0 in each export, as ACT's loader counts them.
    static func alohaFile(_ number: Int) -> String { "episode_\(number).hdf5" }

    /// `/data/demo_0`, counted from 0 in each file.
    static func demonstration(_ number: Int) -> String { "demo_\(number)" }

    /// At least three digits; more where there are more.
    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}
