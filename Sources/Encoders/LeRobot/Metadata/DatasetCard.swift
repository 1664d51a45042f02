import ExportCore
import Fields
import Formats

/// `README.md`: the dataset card, which the Hub and people read.
struct DatasetCard {
    var info: DatasetInfo
    var tasks: [String]
    var datasets: [DatasetID]
    var splits: [(name: String, episodes: Range<Int>)]
    /// Pictures of the first episode for each camera, as paths in the dataset.
    var previews: [(camera: String, paths: [String])]

    /// How many tasks are listed by name.
    private static let listedTasks = 20

    var text: String {
        let options = info.options
        var lines = [
            "---", "tags:", "- LeRobot", "- robotics", "task_categories:", "- robotics", "configs:", "- config_name: default",
            "  data_files: data/*/*.parquet", "---", "", "# \(Self.plain(options.repoID ?? "Robot episodes"))", "",
            "A LeRobot dataset of format \(options.version.isV21 ? "v2.1" : "v3.0"), made by exportd \(Version.current).", "",
            "| | |", "|---|---|", "| Episodes | \(info.episodes) |", "| Frames | \(info.frames) |",
            "| Length | \(Self.minutes(frames: info.frames, rate: options.sampling.rate)) at \(options.sampling.rate) frames a second |",
            "| Tasks | \(info.tasks) |", "| Robot | \(Self.plain(info.robotType ?? "not known")) |",
            "| Recordings | \(datasets.count) |", "| Images | \(images) |", "",
        ]
        lines += previewRows
        lines += ["## Features", "", "| feature | type | shape | names |", "|---|---|---|---|"]
        for numeric in info.features.numerics {
            let names = numeric.columns.map(Self.plain).joined(separator: ", ")
            lines.append("| `\(numeric.name)` | \(options.stateType.rawValue) | \(numeric.columns.count) | \(names) |")
        }
        if info.features.hasCaptureTimes {
            lines.append("| `\(FeatureTable.captureTimes)` | int64 | \(info.features.cameras.count) | when each camera's frame was taken |")
        }
        for camera in info.features.cameras {
            lines.append("| `\(camera.name)` | \(options.images.rawValue) | \(camera.height) × \(camera.width) × 3 | |")
        }
        lines += ["", "## Tasks", ""]
        lines += tasks.prefix(Self.listedTasks).enumerated().map { "\($0.offset). \(Self.plain($0.element))" }
        if tasks.count > Self.listedTasks { lines.append("\nand \(tasks.count - Self.listedTasks) more, in the dataset's task table.") }
        if !splits.isEmpty {
            lines += ["", "## Splits", "", "All episodes of one recording are in one split.", "", "| split | episodes |", "|---|---|"]
            lines += splits.map {
                "| \($0.name) | \($0.episodes.isEmpty ? "none" : "\($0.episodes.lowerBound) to \($0.episodes.upperBound - 1)") |"
            }
        }
        lines += [
            "",
            "Where every episode comes from, with its annotation, stands in `meta/exportd/annotations.jsonl`; how well the streams were",
            "aligned, in `meta/exportd/conversion_report.json`.", "",
        ]
        return lines.joined(separator: "\n")
    }

    private var images: String {
        guard !info.features.cameras.isEmpty else { return "none" }
        switch info.options.images {
        case .image: return "pictures in the tables"
        case .video: return "\(info.options.codec == .av1 ? "AV1" : "H.264") video, crf \(info.options.effectiveCRF)"
        }
    }

    private var previewRows: [String] {
        guard let count = previews.map(\.paths.count).max(), count > 0 else { return [] }
        var rows = ["| camera |" + String(repeating: " |", count: count), "|---|" + String(repeating: "---|", count: count)]
        for preview in previews {
            let cells = preview.paths.map { "![](\($0))" } + Array(repeating: "", count: count - preview.paths.count)
            rows.append("| \(Self.plain(preview.camera)) | \(cells.joined(separator: " | ")) |")
        }
        return rows + [""]
    }

    private static func minutes(frames: Int, rate: Hertz) -> String {
        let seconds = Double(frames) / rate.value
        if seconds < 120 { return "\(Int(seconds.rounded())) s" }
        return seconds < 7_200 ? "\(Int((seconds / 60).rounded())) min" : "\(Int((seconds / 3_600).rounded())) h"
    }

    /// A text from a recording or a request on one line, in which nothing is markup.
    private static func plain(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "|", "\\", "`", "*", "_", "[", "]", "<", ">", "#", "&", "!": result += "\\\(character)"
            case _ where character.isNewline: result += " "
            default: result.append(character)
            }
        }
        return result
    }
}
