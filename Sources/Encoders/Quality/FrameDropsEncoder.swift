import Encoding
import ExportCore
import Files
import Formats
import Plans
import Quality
import Recordings

/// What frames the cameras and video files of a recording lack.
///
/// A part is one recording: its rows of `frame_drops.csv` and what was found of it as JSON. Only times are read; frames are
/// with `verify: true`.
struct FrameDropsEncoder: Encoder {
    /// What a part leaves for assembly: nothing beside its files.
    struct Detail: Codable, Sendable {}

    static let version = 5
    static let partFile = "drops.rows"
    private static let columns = [
        "dataset", "stream", "drop", "frame", "before_ns", "after_ns", "before_s", "after_s", "gap_ms", "expected_ms", "frames_missing",
    ]

    let options: FrameDropsOptions

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        let cameras = dataset.topics.filter { topic in
            if case .image = TopicContent(type: topic.type) { true } else { false }
        }
        let frames = cameras.reduce(0) { $0 + Int(clamping: $1.messages) }
        return PartEstimate(
            episodes: 1,
            frames: frames,
            bytesRead: options.verify ? dataset.bytes : dataset.bytes / 100,
            bytesWritten: Int64(cameras.count) * 100_000
        )
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        try FrameDropsWork(dataset: dataset, options: options, context: context).run()
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        let table = try CSVFile("\(context.folder)/frame_drops.csv", columns: Self.columns)
        for part in parts {
            let rows = try OpenFile.reading("\(part.folder)/\(Self.partFile)")
            while true {
                try context.cancellation.check()
                let block = try rows.read(upTo: 1 << 18)
                if block.isEmpty { break }
                try table.append(rows: block)
            }
        }
        try table.finish()
        let settings = [
            QualityReport.Setting(name: "clock", value: options.clock.rawValue),
            QualityReport.Setting(name: "verify", value: String(options.verify)),
        ]
        let recordings = try QualityAssembly(kind: .frameDrops, settings: settings + LimitCheck(options).settings, context: context)
            .write(parts.map(\.folder))
        if options.failOnLimits { try LimitCheck.refuse(recordings) }
    }
}
