import ExportCore
import StatusPage
import Testing

@Suite struct StatusPageTests {
    /// What people might put into a title, a name or a path to break the page.
    private static let hostile = [
        "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\"><b>", "' onclick='x", "{{policy}}", "{{{name}}}",
        "\u{202E}gnp.exe\u{2066}", "a\u{0}b\u{1B}[31m\u{7}", "]]>--><!--", "\u{2028}\u{2029}", "\"\u{301}><i>",
    ]

    private func entry(_ number: Int, _ text: String, state: String) throws -> ServiceSnapshot.Entry {
        var entry = ServiceSnapshot.Entry(
            job: try #require(JobID("20261122-171500-\(number)")),
            request: "\(text).yaml",
            user: text,
            state: state,
            createdAt: "2026-11-22T17:15:00.000Z"
        )
        entry.title = text
        entry.kind = "export"
        entry.formats = ["hdf5", "lerobot"]
        entry.current = text
        entry.message = text
        entry.error = "io_error"
        entry.percent = 41.5
        entry.etaSeconds = 125
        entry.priority = "high"
        return entry
    }

    private func snapshot(_ text: String, jobs: Int = 1) throws -> ServiceSnapshot {
        var quota = ServiceSnapshot.Quota(scope: text, window: "monthly")
        quota.limitExports = 4
        quota.usedExports = 3
        return ServiceSnapshot(
            writtenAt: "2026-11-22T17:15:00.000Z",
            health: .init(version: "1", since: "2026-11-22T17:00:00.000Z", state: "serving", problems: [text], workers: 2, busy: 1),
            running: [try entry(1, text, state: "processing")],
            queue: [try entry(2, text, state: "pending")],
            queueLength: 7,
            recent: try (0..<jobs).map { try entry(10 + $0, text, state: "failed") },
            quota: [quota]
        )
    }

    private func html(_ snapshot: ServiceSnapshot) throws -> String {
        String(decoding: try StatusPage().html(snapshot), as: UTF8.self)
    }

    @Test("Hostile texts add no markup to the page", arguments: hostile)
    func hostileTexts(_ text: String) throws {
        func skeleton(_ page: String) -> [Substring] { page.split(separator: "<").dropFirst().map { $0.prefix { !" >\n".contains($0) } } }
        let page = try html(snapshot(text))
        #expect(skeleton(page) == skeleton(try html(snapshot("plain"))))
        let unseen: Set<Unicode.Scalar> = ["\u{0}", "\u{7}", "\u{1B}", "\u{202E}", "\u{2028}", "\u{2029}", "\u{2066}"]
        #expect(!page.unicodeScalars.contains { unseen.contains($0) })
    }

    @Test("The page shows progress, places, quota and what went wrong")
    func content() throws {
        let page = try html(snapshot("kitchen"))
        for text in ["41.5", "2 min 5 s left", "6 more jobs wait", "3 used of 4", "io_error: kitchen", "high priority"] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.contains("../outbox/"), "Nothing was published.")
    }

    @Test("The page keeps below its limit whatever the jobs are called")
    func limit() throws {
        let page = try StatusPage().html(snapshot(String(repeating: "<\u{202E}", count: 5_000), jobs: 2_000))
        #expect(page.count <= StatusPage.maximumBytes)
        #expect(String(decoding: page.suffix(10), as: UTF8.self).contains("</html>"))
    }

    @Test("Metrics have help and type once, and escape labels")
    func metrics() {
        var metrics = Metrics()
        metrics.add("jobs", .gauge, "Jobs.", labels: ["user"], [(["a\"b\\c\nd"], 2), (["x"], 0.5)])
        metrics.add("nothing", .gauge, "Nothing.", nil)
        let text = String(decoding: metrics.bytes, as: UTF8.self)
        let expected = """
            # HELP exportd_jobs Jobs.
            # TYPE exportd_jobs gauge
            exportd_jobs{user="a\\"b\\\\c\\nd"} 2
            exportd_jobs{user="x"} 0.5

            """
        #expect(text == expected)
    }
}
