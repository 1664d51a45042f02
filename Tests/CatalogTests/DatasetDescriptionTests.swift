import ExportCore
import Testing

@testable import Catalog

struct DatasetDescriptionTests {
    private func read(_ text: String) throws(ExportError) -> DatasetDescription {
        try DatasetDescription.read(Array(text.utf8), file: "dataset.yaml")
    }

    private func failure(_ text: String) -> ExportError? {
        do throws(ExportError) {
            _ = try read(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `every key is read`() throws {
        let description = try read(
            """
            project: kitchen
            annotator: s017
            reviewer: r002
            review: passed
            quality:
              level: good
              score: 87.5
            robot: demo_arm
            tags: [night, cup]
            task: Pick up the cup
            task_zh: 拿起杯子
            recorded_at: 2026-03-01T10:15:00.000000001+01:00
            """
        )
        #expect(description.project == "kitchen")
        #expect(description.annotator == "s017" && description.reviewer == "r002" && description.review == .passed)
        #expect(description.quality == DatasetDescription.Quality(level: .good, score: 87.5))
        #expect(description.robot == "demo_arm" && description.tags == ["night", "cup"])
        #expect(description.task == "Pick up the cup" && description.taskZH == "拿起杯子")
        #expect(description.recordedAt?.nanoseconds == 1_772_356_500_000_000_001)
    }

    @Test(arguments: ["", "# nothing\n", "{}", "project:\ntags: []\nquality: {level: , score: ~}\n"])
    func `nothing is required, and an empty value is none`(_ text: String) throws {
        let description = try read(text)
        #expect(description.project == nil && description.tags.isEmpty && description.quality?.score == nil)
    }

    @Test func `every problem has its line and column`() throws {
        let error = try #require(failure("projekt: a\nreview: maybe\nquality: {score: 101}\ntags: night\nproject: 2026\n"))
        #expect(error.code == .datasetUnreadable)
        #expect(error.retryable == false)
        #expect(error.details.map { $0.location?.line } == [1, 2, 3, 4, 5])
        #expect(error.details.map { $0.location?.column } == [1, 9, 18, 7, 10])
        #expect(error.details[0].hint == "Did you mean project?")
    }

    @Test(arguments: ["a: [", "- project", "project: a\nproject: b\n", "project: \"a\u{7}b\"", "recorded_at: yesterday", "\u{0}"])
    func `what is wrong is refused`(_ text: String) {
        #expect(failure(text)?.code == .datasetUnreadable)
    }
}

struct RecordingNameTests {
    @Test func `a name that fits is taken apart`() throws {
        let name = try #require(RecordingName("20250115_InnerTest_PublicArea_TableClearing_szk_180926"))
        #expect(name.project == "InnerTest" && name.scene == "PublicArea" && name.task == "TableClearing" && name.staff == "szk")
    }

    @Test(
        arguments: [
            "", "RM_AIDAL_250124_172033_0", "20250115_a_b_c_d", "20250115_a_b_c_d_e", "2025011_a_b_c_d_1", "20250115_a__c_d_1",
            "20250115_a_b_c_d_1_2", "2025011x_a_b_c_d_1",
        ])
    func `another name says nothing`(_ name: String) {
        #expect(RecordingName(name) == nil)
    }
}

struct DatasetNamesTests {
    private func assign(_ claims: [(Int, String, Int)], stores: [String]) -> [String] {
        DatasetNames.assign(claims.map { DatasetNames.Claim(store: $0.0, name: $0.1, layoutRank: $0.2) }, stores: stores)
    }

    @Test func `the first store keeps plain names`() {
        #expect(assign([(0, "x", 0), (1, "x", 0), (1, "y", 0)], stores: ["/a/one", "/b/two"]) == ["x", "two/x", "y"])
    }

    @Test func `stores of one name and datasets called like prefixes stay apart`() {
        let names = assign([(0, "x", 0), (0, "data/x", 0), (1, "x", 0), (2, "x", 0)], stores: ["/a/data", "/b/data", "/c/data"])
        #expect(names == ["x", "data/x", "data~2/x", "data~3/x"])
    }

    @Test func `a folder goes before a flat recording of its name`() {
        #expect(assign([(0, "x", 1), (0, "x", 0)], stores: ["/a/one"]) == ["one/x", "x"])
    }
}
