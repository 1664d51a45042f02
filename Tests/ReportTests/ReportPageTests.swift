import Foundation
import Quality
import Report
import Testing

@Suite struct ReportPageTests {
    /// Names as an attacker, or a careless person, would give them.
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "\"\u{301} onclick=\"alert(1)",
        "</style></title>",
        "{{title}}{{{title}}}", "&lt;b&gt;&amp;", "\u{202E}gnp.exe\u{2066}", "a\u{0}b\u{1B}[31m\n\r", "\u{FFFE}\u{FFFF}\u{2028}",
        "../../etc/passwd",
        String(repeating: "long ", count: 5_000), "", "厨房 مطبخ 🤖",
    ]

    @Test(arguments: QualityReport.Kind.allCases, [0, 1, 12]) func `a page is well formed, loads nothing and has a table behind every plot`(
        kind: QualityReport.Kind,
        recordings: Int
    ) throws {
        var limits = ReportLimits()
        limits.detailedRecordings = 1
        let page = try ReportPage(SyntheticReports.make(kind, recordings: recordings, points: 150), version: "1.0.0", limits: limits)
        let html = page.html()
        #expect(try Self.problems(page) == [])
        #expect(html.components(separatedBy: "<figure").count - 1 == min(1, recordings) * (kind == .frameDrops ? 9 : 18))
        #expect(html.contains("exportd 1.0.0"))
        #expect(html == page.html())
    }

    @Test(arguments: QualityReport.Kind.allCases) func `three thousand recordings make a page of bounded size, worst first`(
        kind: QualityReport.Kind
    ) throws {
        var limits = ReportLimits()
        limits.detailedRecordings = 1
        let html = try ReportPage(SyntheticReports.make(kind, recordings: 3_000, points: 150), version: "1.0.0", limits: limits).html()
        #expect(html.utf8.count < 3_000_000)
        #expect(html.components(separatedBy: "data-verdict=").count - 1 == 3_000)
        #expect(html.components(separatedBy: "<details class=\"recording\"").count - 1 == 1)
        #expect(html.contains("the other 2\u{202F}999 are a row of the summary"))
        #expect(Self.fact("recordings", in: html) == "3\u{202F}000")
        // Of every ten recordings 3 and 8 are bad, and the good ones stand behind all of them.
        let names = html.matches(of: /kitchen_run_(\d+)/).compactMap { Int($0.output.1) }
        #expect(names.prefix(600).allSatisfy { $0 % 5 == 3 })
    }

    @Test func `a stream with one message is told apart and is never the worst`() throws {
        var report = SyntheticReports.make(.timeAlignment, recordings: 1, points: 150)
        let frames = report.recordings[0].streams[0].messages
        var single = QualityStream(name: "/robot_description", messages: 1)
        single.offsets = OffsetSummary(
            matched: 1,
            missing: frames - 1,
            distribution: SyntheticReports.distribution([900]),
            lagMilliseconds: nil,
            driftPPM: nil
        )
        single.plots = QualityPlots()
        single.plots?.offsets = [PlotPoint(seconds: 0, milliseconds: 900)]
        report.recordings[0].streams.append(single)
        // Where a line may end in a name is a matter of how it looks.
        let html = try ReportPage(report, version: "1.0.0").html().replacingOccurrences(of: "<wbr>", with: "")
        let others = try ReportPage(
            QualityReport(kind: .timeAlignment, settings: [], recordings: [report.recordings[0].without("/robot_description")]),
            version: "1.0.0"
        ).html()
        let table = try #require(html.range(of: "Streams, worst first"))
        let place = try #require(html.range(of: "/robot_description", range: table.upperBound..<html.endIndex))
        #expect(report.recordings[0].streams.dropLast().allSatisfy { html[table.upperBound..<place.lowerBound].contains($0.name) })
        #expect(html.contains("one message: no alignment measurable"))
        // Neither a plot of it, nor a part in what the page says of the whole.
        #expect(html.components(separatedBy: "<figure").count == others.components(separatedBy: "<figure").count)
        for what in ["matches missing", "ms, largest offset p99"] { #expect(Self.fact(what, in: html) == Self.fact(what, in: others)) }
        #expect(Self.summaryRow(html) == Self.summaryRow(others))
    }

    @Test func `a line ends behind a slash of a name, and behind underscores only where no slash is near`() throws {
        var report = SyntheticReports.make(.frameDrops, recordings: 1)
        report.recordings[0].dataset = "20260301_kitchen_table_pickcup"
        report.recordings[0].streams[0].name = "/camera_01/color/image_raw/compressed"
        report.recordings[0].streams[1].name = "/a"
        report.recordings[0].notes = ["videos/wrist.mp4 is 1/2 as long."]
        let html = try ReportPage(report, version: "1.0.0").html()
        #expect(html.contains("<bdi>/camera_01/<wbr>color/<wbr>image_raw/<wbr>compressed</bdi>"))
        #expect(html.contains(">20260301_<wbr>kitchen_<wbr>table_<wbr>pickcup</a></bdi>"))
        #expect(html.contains("<h3><bdi>20260301_<wbr>kitchen_<wbr>table_<wbr>pickcup</bdi></h3>"))
        #expect(html.contains("<bdi>/a</bdi>"))
        #expect(html.contains("<li>videos/<wbr>wrist.mp4 is 1/<wbr>2 as long.</li>"))
    }

    /// The number of a fact at the top of the page.
    private static func fact(_ what: String, in html: String) -> Substring? {
        html.range(of: what + "</dt><dd>").map { html[$0.upperBound...].prefix { $0 != "<" } }
    }

    /// The cells of the first recording's row in the summary, without the number of its streams.
    private static func summaryRow(_ html: String) -> [Substring] {
        guard let start = html.range(of: "data-verdict="), let end = html.range(of: "</tr>", range: start.upperBound..<html.endIndex)
        else { return [] }
        var cells = html[start.upperBound..<end.lowerBound].matches(of: /<td[^>]*>([^<]*)</).map { $0.output.1 }
        // Behind it stands the duration alone.
        cells.remove(at: cells.count - 2)
        return cells
    }

    @Test(arguments: QualityReport.Kind.allCases) func `hostile names change nothing but the words`(kind: QualityReport.Kind) throws {
        var report = SyntheticReports.make(kind, recordings: Self.hostile.count, points: 50)
        for (index, name) in Self.hostile.enumerated() {
            report.recordings[index].dataset = name
            report.recordings[index].notes = [name]
            report.recordings[index].reference = name
            report.recordings[index].streams[0].name = name
            report.recordings[index].breaches = [LimitBreach(limit: name, allowed: 1, found: 2)]
            report.settings.append(.init(name: name, value: name))
        }
        var limits = ReportLimits()
        limits.plottedStreams = 1
        let page = try ReportPage(report, version: "1.0.0\"><b>", limits: limits)
        let html = page.html()
        #expect(try Self.problems(page) == [])
        #expect(html.components(separatedBy: "<script").count == 2)
        #expect(!html.contains("<img"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(html.contains("\\u{202E}gnp.exe"))
        #expect(html.contains("{{title}}{{{title}}}"))
        #expect(html.contains("厨房 مطبخ 🤖"))
        page.plotFiles { plot in
            #expect(plot.path.wholeMatch(of: /plots\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\.svg/) != nil, "\(plot.path)")
        }
    }

    @Test func `values that are no numbers, huge or all the same draw a plot all the same`() throws {
        let values: [[Double]] = [
            [.nan, .infinity, -.infinity], [1], [5, 5, 5], [0, 0], [1e300, -1e300], [3_600_000, 33, 33], [0.000_01, 0.000_02],
            [.greatestFiniteMagnitude],
        ]
        var recording = QualityRecording(dataset: "odd", durationSeconds: .nan)
        recording.streams = values.enumerated().map { number, values in
            var stream = QualityStream(name: "/s\(number)", messages: .max / 16)
            var plots = QualityPlots()
            plots.intervals = values.enumerated().map {
                PlotPoint(seconds: values[0].isNaN ? .nan : Double($0.offset), milliseconds: $0.element)
            }
            plots.offsets = plots.intervals
            plots.intervalHistogram = Histogram(start: values[0], width: 1, counts: [0, 3, 0, .max / 16], below: 2, above: 1)
            plots.offsetHistogram = Histogram(start: 0, width: 0, counts: [1])
            plots.drops = [DropMark(fromSeconds: values[0], toSeconds: values[values.count - 1], missing: .max / 64)]
            stream.plots = plots
            stream.nominalRate = values[0]
            stream.intervals = SyntheticReports.distribution(values)
            return stream
        }
        let page = try ReportPage(QualityReport(kind: .frameDrops, settings: [], recordings: [recording]), version: "1.0.0")
        #expect(try Self.problems(page) == [])
        let html = page.html()
        #expect(!html.contains("nan"))
        #expect(!html.contains("inf\""))
    }

    @Test func `a plot is thinned to two thousand points and keeps the highest`() throws {
        var report = SyntheticReports.make(.timeAlignment, recordings: 1, points: 10)
        var points = (0..<50_000).map { PlotPoint(seconds: Double($0), milliseconds: 1) }
        points[31_234].milliseconds = 77
        report.recordings[0].streams[1].plots?.offsets = points
        let page = try ReportPage(report, version: "1.0.0")
        #expect(try Self.problems(page) == [])
        var found = 0
        page.plotFiles { plot in
            guard plot.path.hasSuffix("camera_02_color_image_raw_offset.svg") else { return }
            found += 1
            #expect(plot.text.contains(">80</text>"))
            #expect(plot.text.components(separatedBy: "L").count <= 2_100)
        }
        #expect(found == 1)
    }

    /// What a strict parser finds wrong in a page and its plots; nothing where there is no Python to ask.
    static func problems(_ page: ReportPage) throws -> [String] {
        guard let python = ProcessInfo.processInfo.environment["EXPORTD_TEST_PYTHON"] else { return [] }
        let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var paths = [folder.appending(path: "report.html").path()]
        try Data(page.html().utf8).write(to: URL(filePath: paths[0]))
        try page.plotFiles { plot in
            let path = folder.appending(path: "\(paths.count).svg").path()
            try Data(plot.text.utf8).write(to: URL(filePath: path))
            paths.append(path)
        }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [URL(filePath: #filePath).deletingLastPathComponent().appending(path: "check_report.py").path()] + paths
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

extension QualityRecording {
    fileprivate func without(_ stream: String) -> QualityRecording {
        var other = self
        other.streams.removeAll { $0.name == stream }
        return other
    }
}
