import Foundation
import Quality
import Report
import Testing

@Suite struct SampleTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["EXPORTD_REPORT_SAMPLES"] != nil))
    func `samples for people who look at them`() throws {
        let folder = URL(filePath: ProcessInfo.processInfo.environment["EXPORTD_REPORT_SAMPLES"] ?? ".")
        for kind in QualityReport.Kind.allCases {
            for count in [1, 60, 3_000] {
                let page = try ReportPage(SyntheticReports.make(kind, recordings: count), version: "1.0.0")
                let clock = ContinuousClock()
                var html = ""
                let time = clock.measure { html = page.html() }
                print(kind.rawValue, count, html.utf8.count, time)
                try html.write(to: folder.appending(path: "\(kind.rawValue)_\(count).html"), atomically: true, encoding: .utf8)
                if count == 1 {
                    try page.plotFiles { plot in
                        let file = folder.appending(path: kind.rawValue).appending(path: plot.path)
                        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                        try plot.text.write(to: file, atomically: true, encoding: .utf8)
                    }
                }
            }
        }
    }
}
