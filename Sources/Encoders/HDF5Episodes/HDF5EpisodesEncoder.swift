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
/// into place as they are; with more, their episodes are copied into the file of their chunk and numbered through.
struct HDF5EpisodesEncoder: Encoder {
    /// What a part leaves for assembly.
    struct Detail: Codable, Sendable {
        /// Names of the episode groups, in order.
        var episodes: [String]
    }

    static let version = 2
    static let partFile = "episodes.hdf5"

    let options: HDF5Options

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        try SampleEstimate.of(dataset, options: options.samples)
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        let decoder = PictureDecoder(topic: "")
        return try SampledRecording.sampling(
            dataset,
            as: options.samples,
            lanes: options.faceBlur == nil ? 1 : max(context.threads, 1),
            cancellation: context.cancellation,
            isPicture: { picture, bytes in try decoder.isPicture(picture, bytes) },
            { lanes in
                let faces = try SampledFaceBlur(options.faceBlur, target: options.images == .raw ? .picture : .bytes)
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

    /// At least three digits; more where there are more.
    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}
