/// What bounds the size of a page, whatever the size of the export.
///
/// The worst recordings are shown in full and the others as one row of the summary; the tables of the export hold everything.
public struct ReportLimits: Sendable {
    /// Recordings with streams, plots and notes.
    public var detailedRecordings = 20
    /// Recordings with a row in the summary.
    public var listedRecordings = 5_000
    /// Streams shown of one recording.
    public var streams = 64
    /// Streams of one recording with plots.
    public var plottedStreams = 16
    /// Points, bars and marks in all plots of the page together; a plot has at most 2,000 of them, and at least 200.
    public var points = 240_000

    /// The limits of the documentation.
    public init() {}

    /// Points that one of so many plots may have.
    func points(perPlotOf plots: Int) -> Int {
        max(200, min(Self.pointsOfPlot, points / max(1, plots)))
    }

    /// Points that no plot exceeds.
    static let pointsOfPlot = 2_000
}
