import Quality

/// Which recordings and streams a page shows, and how many points each of its plots may have.
struct ReportSelection {
    /// Positions of the recordings shown in full, worst first.
    let detailed: [Int]
    /// Positions of the recordings with a row in the summary, worst first.
    let listed: [Int]
    /// Points that one plot may have.
    let pointsPerPlot: Int
    private let limits: ReportLimits

    /// The streams of a recording, worst first.
    struct Streams {
        /// Those in its table.
        var shown: [QualityStream]
        /// Those with plots.
        var plotted: [QualityStream]
    }

    init(_ report: QualityReport, limits: ReportLimits) {
        self.limits = limits
        let order = worstFirst(report.recordings.map(Severity.init))
        listed = Array(order.prefix(limits.listedRecordings))
        detailed = Array(order.prefix(limits.detailedRecordings))
        let plots = detailed.reduce(0) { count, index in
            let plotted = Self.streams(of: report.recordings[index], limits: limits).plotted
            return count + plotted.reduce(1) { $0 + ($1.plots.map { ($0.offsets.isEmpty ? 0 : 1) + ($0.intervals.isEmpty ? 0 : 1) } ?? 0) }
        }
        pointsPerPlot = limits.points(perPlotOf: plots)
    }

    func streams(of recording: QualityRecording) -> Streams {
        Self.streams(of: recording, limits: limits)
    }

    private static func streams(of recording: QualityRecording, limits: ReportLimits) -> Streams {
        let shown = worstFirst(recording.streams.map(Severity.init)).prefix(limits.streams).map { recording.streams[$0] }
        return Streams(shown: shown, plotted: Array(shown.filter(\.isDrawn).prefix(limits.plottedStreams)))
    }
}

extension QualityStream {
    /// Whether there is something to draw.
    var isDrawn: Bool { plots != nil && (offsets == nil || isAlignable) }
}
