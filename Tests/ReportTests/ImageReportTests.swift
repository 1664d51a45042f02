import Foundation
import Report
import Testing

@Suite struct ImageReportTests {
    @Test(arguments: [0, 1, 40]) func `a page of image sets is well formed, loads nothing and shows every sample`(samples: Int) throws {
        let html = try ImageReportPage(Self.report(samples: samples), version: "1.0.0").html()
        #expect(try Self.problems(html) == "")
        #expect(html.components(separatedBy: "<figure").count - 1 == samples)
        #expect(html.contains("exportd 1.0.0"))
    }

    @Test func `hostile names change nothing but the words`() throws {
        var report = Self.report(samples: ReportPageTests.hostile.count)
        for (index, name) in ReportPageTests.hostile.enumerated() {
            report.classes.append(.init(name: name, images: 1, annotations: 1))
            report.datasets.append(.init(name: name, images: 1, annotations: 1))
            report.losses.append(.init(kind: .dropped, type: name, reason: name, count: 1, examples: [name, name, name]))
            report.samples[index].name = name
            report.samples[index].dataset = name
            report.samples[index].split = name
            report.samples[index].shapes[0].className = name
        }
        let html = try ImageReportPage(report, version: "1.0.0\"><b>").html()
        #expect(try Self.problems(html) == "")
        #expect(!html.contains("<script") && !html.contains("<img"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    }

    @Test func `what one of several formats cannot hold is not said to be missing in the package`() throws {
        var report = Self.report(samples: 1)
        report.losses = [.init(kind: .dropped, type: "POINT", reason: "are points", format: "voc", count: 7, examples: ["one"])]
        let html = try ImageReportPage(report, version: "1.0.0").html()
        #expect(html.contains("is in the package as its set has it. What the files of voc cannot hold is below."))
        #expect(html.contains("annotations that are points (voc)"))
        #expect(!html.contains("not in the package"))
        report.losses.append(.init(kind: .dropped, type: "BBOX", reason: "are none", count: 2, examples: []))
        #expect(try ImageReportPage(report, version: "1.0.0").html().contains("2 annotations are not in the package."))
    }

    @Test func `a picture is the bytes of its thumbnail`() throws {
        var report = Self.report(samples: 3)
        for (index, count) in [1, 2, 3].enumerated() { report.samples[index].thumbnail = (0..<count).map { UInt8(250 - $0) } }
        let html = try ImageReportPage(report, version: "1.0.0").html()
        for text in ["+g==", "+vk=", "+vn4"] { #expect(html.contains("base64,\(text)\"")) }
    }

    static func report(samples: Int) -> ImageReport {
        ImageReport(
            summary: "Boxes.",
            images: 5,
            emptyImages: 1,
            annotations: 12,
            datasets: [.init(name: "set", images: 5, annotations: 12)],
            classes: [.init(name: "cup", images: 3, annotations: 9), .init(name: "person", images: 1, annotations: 3)],
            splits: [.init(name: "train", images: 4, annotations: 12)],
            types: [.init(name: "BBOX", images: 2, annotations: 12)],
            losses: [.init(kind: .dropped, type: "POINT", reason: "are points", count: 2, examples: ["one"])],
            samples: (0..<samples).map { index in
                .init(
                    name: "a_\(index).jpg",
                    dataset: "set",
                    split: "train",
                    width: 640,
                    height: 480,
                    thumbnail: index % 3 == 2 ? nil : [0xFF, 0xD8, 0xFF],
                    orientation: index % 9,
                    shapes: [
                        (0, "cup", [.areas([[1, 1, 50, 1, 50, 50], [2, 2, 8, 2, 8, 8]])]),
                        (1, "person", [.line([1, 2, 300.25, 4]), .points([5, 6, 1e300, -1e300])]),
                    ],
                    undrawn: index
                )
            }
        )
    }

    /// What `check_report.py` finds wrong.
    private static func problems(_ html: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "exportd-images-\(UUID().uuidString).html")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(html.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [URL(filePath: #filePath).deletingLastPathComponent().appending(path: "check_report.py").path(), file.path()]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
