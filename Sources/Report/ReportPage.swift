import Markup
public import Quality

/// The page of a data-quality export: one file that needs no network, and each of its plots as a file of its own.
///
/// It is made for any number of recordings: those in the worst state are shown in full, the others as a row of the summary.
public struct ReportPage {
    /// A plot as a file of its own.
    public struct PlotFile: Sendable {
        /// A relative path below the export: a folder for each recording, a file for each plot.
        ///
        /// It is like `plots/0001_kitchen/02_camera_01_interval.svg` and holds nothing but ASCII
        /// letters, digits, `_`, `-`, `.` and `/`, whatever the recording is called.
        public var path: String
        /// The SVG.
        public var text: String
    }

    private let report: QualityReport
    private let version: String
    private let limits: ReportLimits
    private let templates: Templates
    private let selection: ReportSelection

    /// A page of what an export found.
    ///
    /// `version` is exportd's. It throws the template library's words where one of the built-in templates is malformed.
    public init(_ report: QualityReport, version: String, limits: ReportLimits = ReportLimits()) throws {
        self.report = report
        self.version = version
        self.limits = limits
        templates = try TemplateSet.parsed()
        selection = ReportSelection(report, limits: limits)
    }

    /// Positions of the recordings that a page would show in full, worst first: only their plots are needed.
    public static func detailed(of report: QualityReport, limits: ReportLimits = ReportLimits()) -> [Int] {
        ReportSelection(report, limits: limits).detailed
    }

    /// The page, UTF-8 text of an HTML file.
    public func html() -> String {
        let rest = report.recordings.count - selection.detailed.count
        let model = PageModel(
            title: report.kind.heading,
            version: version,
            lead: lead.map { BreakableText($0) },
            facts: facts,
            summary: summary,
            recordings: selection.detailed.enumerated().map { recording($1, place: $0) },
            explanations: report.kind.explanations,
            hasVerdicts: report.kind == .frameDrops,
            settings: report.settings.map { .init(name: shortened($0.name), value: shortened($0.value, to: 1_000)) },
            hasSettings: !report.settings.isEmpty,
            hasRecordings: !selection.detailed.isEmpty,
            bounds: rest > 0
                ? "In full: the \(NumberText.counted(selection.detailed.count, "recording")) in the worst state; the other \(NumberText.whole(rest)) are a row of the summary, "
                    + "and \(report.kind.tableName) holds every stream of each."
                : nil
        )
        return templates.render(model, with: "page")
    }

    /// The plots of the recordings that the page shows in full, one after the other.
    public func plotFiles(_ take: (PlotFile) throws -> Void) rethrows {
        for (place, index) in selection.detailed.enumerated() {
            let recording = report.recordings[index]
            let folder = "plots/" + FileNames.numbered(place + 1, width: 4, recording.dataset)
            let streams = selection.streams(of: recording).plotted
            if report.kind == .frameDrops,
                let timeline = FigureModel.drops(streams, in: recording, identifier: "p", limit: ReportLimits.pointsOfPlot)
            {
                try take(PlotFile(path: "\(folder)/00_drops.svg", text: templates.render(timeline.plot, with: "plotFile")))
            }
            for (number, stream) in streams.enumerated() {
                let name = FileNames.numbered(number + 1, width: 2, stream.name)
                let figures = FigureModel.plots(
                    of: stream,
                    duration: recording.durationSeconds,
                    identifier: "p",
                    limit: ReportLimits.pointsOfPlot
                )
                for figure in figures {
                    let path = "\(folder)/\(name)_\(figure.plot.fileSuffix).svg"
                    try take(PlotFile(path: path, text: templates.render(figure.plot, with: "plotFile")))
                }
            }
        }
    }

    // MARK: What stands first

    private var lead: [String] {
        let count = report.recordings.count
        guard count > 0 else { return ["No recording was selected."] }
        let failed = report.recordings.count { $0.verdict == .failed }
        let judged = report.recordings.count { $0.verdict != .unjudged }
        var sentences: [String] = []
        if judged == 0 {
            sentences.append("\(NumberText.counted(count, "recording")), none judged: no limits apply.")
        } else if failed == 0 {
            let all = NumberText.counted(count, "recording")
            sentences.append("No recording breaks a limit: \(NumberText.whole(judged)) of \(all) judged, all passed.")
        } else {
            let all = NumberText.counted(count, "recording")
            sentences.append(
                count == 1
                    ? "The recording breaks a limit." : "\(NumberText.whole(failed)) of \(all) \(failed == 1 ? "breaks" : "break") a limit."
            )
        }
        if judged == 0, report.kind == .timeAlignment {
            sentences = ["\(NumberText.counted(count, "recording")); alignment has no limits to break."]
        }
        if let index = selection.detailed.first, let worst = worstStream(of: report.recordings[index]) {
            let place = count > 1 ? " in \(shortened(report.recordings[index].dataset))" : ""
            sentences.append("Worst: \(shortened(worst.name))\(place): \(report.kind.words(for: worst)).")
        } else if count > 1, let index = selection.detailed.first {
            let recording = report.recordings[index]
            let reason = recording.notes.first.map { ": \(shortened($0))" } ?? "."
            sentences.append("In the worst state is \(shortened(recording.dataset))\(reason)")
        }
        return sentences
    }

    /// The stream that a reader should look at first; nil where none has anything wrong with it.
    private func worstStream(of recording: QualityRecording) -> QualityStream? {
        guard let worst = selection.streams(of: recording).shown.first else { return nil }
        switch report.kind {
        case .frameDrops: return worst.verdict == .failed || worst.drops?.missing ?? 0 > 0 ? worst : nil
        case .timeAlignment: return worst.offsets != nil && worst.isAlignable ? worst : nil
        }
    }

    private var facts: [PageModel.Fact] {
        let recordings = report.recordings
        func verdicts(_ verdict: QualityVerdict) -> Int { recordings.count { $0.verdict == verdict } }
        var totals = QualityTotals()
        for recording in recordings { totals.add(QualityTotals(recording)) }
        let failed = verdicts(.failed)
        func fact(_ count: Int, _ one: String, _ many: String, style: String = "") -> PageModel.Fact {
            .init(number: NumberText.whole(count), what: count == 1 ? one : many, factStyle: style)
        }
        var facts = [fact(recordings.count, "recording", "recordings")]
        if verdicts(.unjudged) < recordings.count {
            facts.append(fact(failed, "failed", "failed", style: failed > 0 ? "bad" : ""))
            facts.append(fact(verdicts(.passed), "passed", "passed", style: failed == 0 ? "good" : ""))
        }
        facts.append(fact(recordings.reduce(0) { $0 + $1.streams.count }, "stream", "streams"))
        switch report.kind {
        case .frameDrops:
            facts.append(fact(totals.messages, "frame", "frames"))
            facts.append(fact(totals.drops, "drop", "drops"))
            facts.append(fact(totals.missing, "frame missing", "frames missing"))
        case .timeAlignment:
            let offsets = recordings.flatMap { $0.streams.filter(\.isAlignable).compactMap(\.offsets) }
            facts.append(fact(totals.messages, "message", "messages"))
            facts.append(fact(offsets.reduce(0) { $0 + $1.missing }, "match missing", "matches missing"))
            facts.append(
                .init(
                    number: NumberText.fixed(offsets.compactMap { $0.distribution?.p99 }.max(), 1),
                    what: "ms, largest offset p99",
                    factStyle: ""
                )
            )
        }
        return facts
    }

    private var summary: TableModel {
        let anchors = Dictionary(uniqueKeysWithValues: selection.detailed.enumerated().map { ($1, "r\($0 + 1)") })
        let unlisted = report.recordings.count - selection.listed.count
        return TableModel(
            tableIdentifier: "summary",
            caption: "The sums and the worst values of each recording's streams"
                + (selection.detailed.count < report.recordings.count ? "; those with a link are shown in full below" : ""),
            corner: "Recording",
            columns: SummaryRow.columns(report.kind),
            rows: selection.listed.map { index in
                let recording = report.recordings[index]
                return .init(
                    rowHeading: shortened(recording.dataset),
                    link: anchors[index],
                    verdict: recording.verdict.rawValue,
                    cells: SummaryRow.cells(recording, kind: report.kind)
                )
            },
            remainder: unlisted > 0
                ? "\(NumberText.counted(unlisted, "recording")) more in a better state; \(report.kind.tableName) holds all." : nil
        )
    }

    // MARK: One recording

    private func recording(_ index: Int, place: Int) -> RecordingModel {
        let recording = report.recordings[index]
        let chosen = selection.streams(of: recording)
        let anchor = "r\(place + 1)"
        let hidden = recording.streams.count - chosen.shown.count
        let unplotted = chosen.shown.count { $0.isDrawn } - chosen.plotted.count
        let (findings, notes) = (Self.findings(of: recording), Self.notes(of: recording))
        return RecordingModel(
            anchor: anchor,
            name: BreakableText(shortened(recording.dataset)),
            badge: report.kind == .frameDrops ? .init(words: recording.verdict.words, style: "badge \(recording.verdict.rawValue)") : nil,
            subtitle: BreakableText(Self.subtitle(of: recording)),
            findings: findings.map { BreakableText($0) },
            hasFindings: !findings.isEmpty,
            notes: notes.map { BreakableText($0) },
            hasNotes: !notes.isEmpty,
            isOpen: place == 0,
            timeline: report.kind == .frameDrops
                ? FigureModel.drops(chosen.plotted, in: recording, identifier: anchor + "d", limit: selection.pointsPerPlot) : nil,
            streamTable: .streams(
                chosen.shown,
                of: report.kind,
                remainder: hidden > 0
                    ? "\(NumberText.counted(hidden, "stream")) more in a better state; \(report.kind.tableName) holds all." : nil
            ),
            streams: chosen.plotted.enumerated().compactMap { number, stream in
                let figures = FigureModel.plots(
                    of: stream,
                    duration: recording.durationSeconds,
                    identifier: "\(anchor)s\(number)",
                    limit: selection.pointsPerPlot
                )
                return figures.isEmpty ? nil : StreamModel(streamName: BreakableText(shortened(stream.name)), figures: figures)
            },
            plotRemainder: unplotted > 0 ? "\(NumberText.counted(unplotted, "stream")) more in a better state are not drawn." : nil
        )
    }

    private static func findings(of recording: QualityRecording) -> [String] {
        let own = recording.breaches.map { "The recording breaks \($0.words)." }
        let ofStreams = recording.streams.flatMap { stream in stream.breaches.map { "\(shortened(stream.name)) breaks \($0.words)." } }
        return bounded(own + ofStreams)
    }

    private static func notes(of recording: QualityRecording) -> [String] {
        bounded(recording.notes).map { shortened($0, to: 1_000) }
    }

    /// The first of some sentences, and how many there are besides.
    private static func bounded(_ sentences: [String]) -> [String] {
        let most = 40
        guard sentences.count > most else { return sentences }
        return sentences.prefix(most) + ["And \(NumberText.whole(sentences.count - most)) more."]
    }

    private static func subtitle(of recording: QualityRecording) -> String {
        var parts = [NumberText.counted(recording.streams.count, "stream"), "\(NumberText.fixed(recording.durationSeconds, 1)) s"]
        if let reference = recording.reference { parts.append("measured against \(shortened(reference))") }
        return parts.joined(separator: " · ")
    }
}
