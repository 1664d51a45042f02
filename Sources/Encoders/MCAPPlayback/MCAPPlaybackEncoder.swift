import Encoding
import ExportCore
import Files
import Formats
import Plans
import Playback

/// Recordings for playback: one MCAP file for each dataset, with its annotation.
///
/// A part is that file, and assembling puts it under the dataset's name.
struct MCAPPlaybackEncoder: Encoder {
    /// What a part leaves for assembly: nothing beside its file.
    struct Detail: Codable, Sendable {}

    static let version = 3
    private static let partFile = "recording.mcap"

    let options: MCAPOptions

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        try PlaybackEstimate.of(dataset, options.messages)
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        let read = try PlaybackEstimate.of(dataset, options.messages).bytesRead
        let work = PlaybackWork(dataset: dataset, in: context, bytesRead: read)
        let faces = try options.faceBlur.map { try MessageSurvey(dataset, options.messages, $0, in: context).survey() }
        let summary = try FullPlayback(work, options, transform: faces).write(name: Self.partFile)
        var part = EncodedPart(
            episodes: dataset.segments.count,
            frames: 0,
            bytesRead: read,
            warnings: summary.warnings,
            streams: [],
            detail: Detail()
        )
        try faces?.report(in: &part, dataset: dataset.id, folder: context.folder)
        return part
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        try FaceBlurTable.assemble(parts, to: context.folder)
        for part in parts {
            try context.cancellation.check()
            let target = "\(context.folder)/\(try OutputName.path(of: part.dataset.id)).mcap"
            try FileSystem.makeDirectories(FileSystem.parent(of: target))
            try FileSystem.link("\(part.folder)/\(Self.partFile)", to: target)
        }
    }
}
