import ExportCore
import Requests
import Testing

@testable import Catalog

@Suite struct ImageSetTests {
    private let now = Timestamp(nanoseconds: 1_780_000_000_000_000_000)

    private func document(_ annotations: String) -> String {
        """
        {"schema":"image-annotations/1","dataset":{"name":"Cups on a desk","project":"kitchen","created_at":"2026-01-01T00:00:00Z"},
         "categories":[{"id":1,"name":"Cup"}],"images":[{"id":1,"file":"images/a.png","width":9,"height":9}],
         "annotations":[\(annotations)]}
        """
    }

    private func point(_ id: Int, _ rest: String = "") -> String {
        #"{"id":\#(id),"image_id":1,"category_id":1,"type":"POINT","point":[1,1]\#(rest)}"#
    }

    private func ids(_ store: TemporaryStore, _ fill: (inout Selection) -> Void) throws -> [String] {
        var selection = Selection()
        fill(&selection)
        let catalog = try store.catalog()
        try catalog.scan()
        return try catalog.list(selection, now: now).map(\.id.text)
    }

    @Test func `a folder with annotations.json and images is an image set, and its pictures are not walked into`() throws {
        let store = try TemporaryStore()
        try store.write("sets/one/annotations.json", document(point(1)))
        try store.write("sets/one/dataset.yaml", "annotator: alice\n")
        try store.write("sets/one/images/a.png", "1234")
        try store.write("sets/one/images/deep/data.mcap", TinyRecording().bytes)
        try store.write("sets/one/masks/1.png", "123")
        try store.write("sets/no_images/annotations.json", document(""))
        let (found, warnings) = try store.walk()
        #expect(Set(found.keys) == ["sets/one"])
        #expect(warnings.isEmpty)
        #expect(found["sets/one"]?.layout == .imageSet)
        #expect(found["sets/one"]?.files.map(\.path) == ["sets/one/annotations.json", "sets/one/dataset.yaml"])
        #expect(found["sets/one"]?.pictures?.files == 3)

        let catalog = try store.catalog()
        #expect(try catalog.scan().problems.isEmpty)
        let entry = try #require(try catalog.list(now: now).first)
        #expect(entry.imageSet?.images == 1)
        #expect(entry.imageSet?.annotations == 1)
        #expect(entry.metadata.project == "kitchen")
        #expect(entry.metadata.annotator == "alice")
        #expect(entry.metadata.task == "Cups on a desk")
    }

    @Test func `a set is read again when a picture changes, and not otherwise`() throws {
        let store = try TemporaryStore()
        try store.write("one/annotations.json", document(point(1)))
        try store.write("one/images/a.png", "1234")
        let catalog = try store.catalog()
        #expect(try catalog.scan().opened == 1)
        let before = try catalog.list(now: now).first?.fingerprint
        #expect(try catalog.scan().opened == 0)
        try store.touch("one/images/a.png")
        #expect(try catalog.scan().opened == 1)
        #expect(try catalog.list(now: now).first?.fingerprint != before)
    }

    @Test func `a set with a recording beside it is the recording's folder`() throws {
        let store = try TemporaryStore()
        try store.addFolder("one")
        try store.write("one/annotations.json", document(point(1)))
        try store.write("one/images/a.png", "1234")
        let (found, warnings) = try store.walk()
        #expect(found.values.map(\.layout) == [.folder])
        #expect(warnings.map(\.code) == ["image_set_not_used"])
    }

    @Test(arguments: ["{", #"{"schema":"x"}"#, ""]) func `a set that cannot be read is a dataset with a problem`(json: String) throws {
        let store = try TemporaryStore()
        try store.write("one/annotations.json", json)
        try store.write("one/images/a.png", "1234")
        let catalog = try store.catalog()
        let problems = try catalog.scan().problems
        #expect(problems.map(\.error.code) == [.datasetUnreadable])
        #expect(problems.first?.error.message.contains("one/annotations.json") == true)
    }

    @Test func `annotations that are a link are an obstacle`() throws {
        let store = try TemporaryStore()
        try store.write("elsewhere.json", document(point(1)))
        try store.write("one/images/a.png", "1234")
        try store.link("one/annotations.json", to: "../elsewhere.json")
        let catalog = try store.catalog()
        #expect(try catalog.scan().problems.first?.error.message.contains("symbolic link") == true)
    }

    @Test func `a set is meant where one of its annotations meets the condition`() throws {
        let store = try TemporaryStore()
        let rest = #","annotator":"bob","quality":"good","review":"passed","tags":["night"],"created_at":"2026-03-01T12:00:00Z""#
        try store.write("one/annotations.json", document([point(1), point(2, rest), point(3, #","quality":91"#)].joined(separator: ",")))
        try store.write("one/images/a.png", "1")
        try store.write("two/annotations.json", document(point(1)))
        try store.write("two/images/a.png", "1")
        #expect(try ids(store) { $0.annotators = ["b*"] } == ["one"])
        #expect(try ids(store) { $0.qualityLevels = [.good] } == ["one"])
        #expect(try ids(store) { $0.minimumScore = 90 } == ["one"])
        #expect(try ids(store) { $0.review = [.passed] } == ["one"])
        #expect(try ids(store) { $0.tags = ["night"] } == ["one"])
        #expect(try ids(store) { $0.text = "cup" } == ["one", "two"])
        #expect(try ids(store) { $0.projects = ["kitchen"] } == ["one", "two"])
        let march = Timestamp(nanoseconds: 1_772_323_200_000_000_000)
        #expect(try ids(store) { $0.recorded = .between(from: march, to: nil) } == ["one"])
        #expect(try ids(store) { $0.recorded = .between(from: nil, to: march) } == ["one", "two"])
        #expect(try ids(store) { $0.annotators = ["carol"] } == [])
    }
}
