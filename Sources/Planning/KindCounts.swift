import ExportCore
import Formats

/// How many recordings and image sets a selection takes, of which each export takes one kind only.
struct KindCounts {
    private var recordings = 0
    private var imageSets = 0

    mutating func add(_ isImageSet: Bool) {
        if isImageSet { imageSets += 1 } else { recordings += 1 }
    }

    private static func words(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// Why an export has nothing to take.
    func emptiness(of format: FormatName, at export: Int) -> ExportError {
        let wants = format.takesImageSets ? "image sets" : "recordings"
        let others = format.takesImageSets ? Self.words(recordings, "recording") : Self.words(imageSets, "image set")
        return ExportError(
            .selectionEmpty,
            "The export \(format.rawValue) is made of \(wants), and the selection holds none that can be used: it holds \(others).",
            hint: "Select \(wants) too, or take this export out of the request.",
            location: .init(export: export)
        )
    }

    /// What an export does not take of the selection; nil where that is nothing.
    func warning(for format: FormatName) -> Warning? {
        let others = format.takesImageSets ? recordings : imageSets
        guard others > 0 else { return nil }
        let noun = Self.words(others, format.takesImageSets ? "selected recording" : "selected image set")
        let wants = format.takesImageSets ? "image sets" : "recordings"
        return Warning("kind_left_out", "The export \(format.rawValue) leaves out \(noun), since it is made of \(wants).")
    }
}
