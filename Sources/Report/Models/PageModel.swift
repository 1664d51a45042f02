import Quality

/// The whole page.
struct PageModel {
    var title: String
    var version: String
    var lead: [BreakableText]
    var facts: [Fact]
    var summary: TableModel
    var recordings: [RecordingModel]
    var explanations: [Explanation]
    /// Whether recordings can be told apart by their verdicts.
    var hasVerdicts: Bool
    var settings: [QualityReport.Setting]
    var hasSettings: Bool
    var hasRecordings: Bool
    var bounds: String?

    /// One number at the top of the page.
    struct Fact {
        var number: String
        var what: String
        var factStyle: String
    }
}

/// A recording in full.
struct RecordingModel {
    var anchor: String
    var name: BreakableText
    /// Nil where the export has no limits.
    var badge: VerdictBadge?
    /// When it begins, how long it is, what it is measured against.
    var subtitle: BreakableText
    /// Broken limits.
    var findings: [BreakableText]
    var hasFindings: Bool
    /// What is odd about it, and what is not.
    var notes: [BreakableText]
    var hasNotes: Bool
    var isOpen: Bool
    var timeline: FigureModel?
    var streamTable: TableModel
    var streams: [StreamModel]
    var plotRemainder: String?
}

/// A verdict as it stands beside a name.
struct VerdictBadge {
    var words: String
    var style: String
}

/// The plots of one stream.
struct StreamModel {
    var streamName: BreakableText
    var figures: [FigureModel]
}
