import Foundation
import Quality
import Report
import Testing

/// What a person would read off a page.
@Suite struct ReportWordsTests {
    private func camera(_ name: String, frames: Int, rate: Double? = 30, intervals: [Double] = []) -> QualityStream {
        var stream = QualityStream(name: name, messages: frames)
        stream.nominalRate = rate
        stream.drops = DropSummary(events: 0, missing: 0, ratio: 0, bursts: 0, longestBurst: 0)
        stream.verdict = .passed
        if !intervals.isEmpty { stream.intervals = SyntheticReports.distribution(intervals) }
        stream.plots = QualityPlots()
        return stream
    }

    private func page(_ recordings: [QualityRecording], _ kind: QualityReport.Kind = .frameDrops) throws -> ReportPage {
        let page = try ReportPage(QualityReport(kind: kind, settings: [], recordings: recordings), version: "1.0.0")
        #expect(try ReportPageTests.problems(page) == [])
        return page
    }

    private func html(_ recordings: [QualityRecording]) throws -> String {
        try page(recordings).html().replacingOccurrences(of: "<wbr>", with: "")
    }

    /// The cells of the row with some heading.
    private func cells(_ heading: String, in html: String) throws -> [String] {
        let start = try #require(html.range(of: heading))
        let end = try #require(html.range(of: "</tr>", range: start.upperBound..<html.endIndex))
        return html[start.upperBound..<end.lowerBound].matches(of: /<td[^>]*>([^<]*)</).map { String($0.output.1) }
    }

    @Test func `of a stream without a beat nothing is said to be missing, and nothing to be there`() throws {
        let streams = [
            camera("/front", frames: 100), camera("/silent", frames: 0, rate: nil), camera("/once", frames: 1, rate: nil),
            camera("/same", frames: 9, rate: nil, intervals: [0, 0]), camera("/odd", frames: 9, rate: nil, intervals: [7, 40]),
        ]
        let html = try html([QualityRecording(dataset: "kitchen", durationSeconds: 9, streams: streams)])
        #expect(try cells("/front</bdi>", in: html)[1...4] == ["0", "0", "0.00", "0"])
        for name in ["/silent (no frame at all)", "/once (one frame)", "/same (all frames at one time)", "/odd (no beat)"] {
            #expect(try cells("\(name)</bdi>", in: html)[1...4] == ["–", "–", "–", "–"], "\(name)")
        }
        for words in ["no frame at all", "one frame", "all frames at one time", "no beat", "none missing"] {
            #expect(html.contains(">\(words)</text>"))
        }
    }

    @Test func `a recording with a camera that sent nothing is the worst, and lacks all of it`() throws {
        var silent = camera("/silent", frames: 0, rate: nil)
        silent.verdict = .failed
        silent.breaches = [LimitBreach(limit: "min_rate_hz", allowed: 10, found: 0)]
        var lossy = camera("/lossy", frames: 70)
        lossy.verdict = .failed
        lossy.breaches = [
            LimitBreach(limit: "max_drops", allowed: 10, found: 20), LimitBreach(limit: "max_gap_ms", allowed: 500, found: 600),
        ]
        lossy.drops = DropSummary(events: 20, missing: 30, ratio: 0.3, bursts: 2, longestBurst: 3)
        let recordings = [
            QualityRecording(dataset: "a-lossy", durationSeconds: 9, verdict: .failed, streams: [lossy]),
            QualityRecording(dataset: "b-silent", durationSeconds: 9, verdict: .failed, streams: [camera("/front", frames: 100), silent]),
        ]
        let html = try html(recordings)
        let places = try ["b-silent</a>", "a-lossy</a>"].map { try #require(html.range(of: $0)).lowerBound }
        #expect(places == places.sorted())
        #expect(try cells("b-silent</a>", in: html)[1] == "100.00")
        #expect(try cells("a-lossy</a>", in: html)[1...3] == ["30.00", "30", "20"])
    }

    @Test func `broken limits stand apart from notes, and what breaks one by a hair does not look as if it did not`() throws {
        var stream = camera("/front", frames: 100)
        stream.breaches = [
            LimitBreach(limit: "max_gap_ms", allowed: 500, found: 500.000_4),
            LimitBreach(limit: "max_drop_ratio", allowed: 0.001, found: 0.0222),
            LimitBreach(limit: "max_drops", allowed: 10, found: 1_234),
        ]
        stream.verdict = .failed
        let recording = QualityRecording(
            dataset: "kitchen",
            durationSeconds: 9,
            verdict: .failed,
            streams: [stream],
            notes: ["All is well."]
        )
        let html = try html([recording])
        let findings = try #require(html.firstMatch(of: /<ul class="findings">(.*?)<\/ul>/.dotMatchesNewlines())).output.1
        #expect(findings.contains("max_gap_ms: 500.0004, at most 500."))
        #expect(findings.contains("max_drop_ratio: 0.0222, at most 0.001."))
        #expect(findings.contains("max_drops: 1\u{202F}234, at most 10."))
        #expect(!findings.contains("All is well."))
        let notes = try #require(html.firstMatch(of: /<ul class="notes">(.*?)<\/ul>/.dotMatchesNewlines())).output.1
        #expect(notes.contains("<li>All is well.</li>"))
    }

    @Test(arguments: [(33.333_333, 33.333_334), (0, 0), (1, 1), (1_000, 1_000), (0.004, 0.004)])
    func `values that are all but the same have an axis with few digits that never falls below zero`(low: Double, high: Double) throws {
        var stream = camera("/front", frames: 100, intervals: [low, high])
        stream.plots?.intervals = (0..<100).map { PlotPoint(seconds: Double($0), milliseconds: $0.isMultiple(of: 2) ? low : high) }
        stream.plots?.intervalHistogram = Histogram(start: low - 5e-7, width: 1e-6, counts: [50, 50])
        let page = try page([QualityRecording(dataset: "kitchen", durationSeconds: 100, streams: [stream])])
        var seen = 0
        page.plotFiles { plot in
            guard plot.path.contains("interval") else { return }
            seen += 1
            let labels = plot.text.matches(of: /<text class="tick"[^>]*>([-0-9.\u{202F}]+)</).map { String($0.output.1) }
            #expect(labels.count > 4)
            #expect(labels.allSatisfy { $0.count <= 7 && !$0.hasPrefix("-") }, "\(labels)")
        }
        #expect(seen == 2)
    }

    @Test func `no line is drawn where there was nothing for a while`() throws {
        var stream = camera("/front", frames: 100)
        let times = (0..<100).map(Double.init) + (150..<200).map(Double.init) + [290]
        stream.plots?.intervals = times.map { PlotPoint(seconds: $0, milliseconds: 33 + $0.truncatingRemainder(dividingBy: 3)) }
        let page = try page([QualityRecording(dataset: "kitchen", durationSeconds: 300, streams: [stream])])
        var lines: [Int] = []
        page.plotFiles { plot in
            guard let line = plot.text.firstMatch(of: /<path class="series" d="([^"]*)"/) else { return }
            lines.append(line.output.1.count { $0 == "M" })
            // The last point stands alone, and is a dot.
            #expect(line.output.1.hasSuffix("L\(line.output.1.split(separator: "L").last ?? "")"))
        }
        #expect(lines == [3])
    }

    @Test func `what a histogram leaves out is written in it`() throws {
        var stream = camera("/front", frames: 100)
        stream.plots?.intervalHistogram = Histogram(start: 30, width: 1, counts: [5, 90], below: 1_200, above: 34)
        let html = try html([QualityRecording(dataset: "kitchen", durationSeconds: 9, streams: [stream])])
        #expect(html.contains(">1\u{202F}234 outside not drawn</text>"))
    }

    @Test func `a long summary scrolls by itself, so that what follows can be reached`() throws {
        let recordings = (0..<100).map { QualityRecording(dataset: "r\($0)", durationSeconds: 9, streams: [camera("/front", frames: 100)]) }
        #expect(try html(recordings).contains("<div class=\"scroll tall\""))
        #expect(try !html(Array(recordings.prefix(30))).contains("<div class=\"scroll tall\""))
    }
}
