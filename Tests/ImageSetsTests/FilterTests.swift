import ExportCore
import Testing

@testable import ImageSets

@Suite struct FilterTests {
    /// Four annotations on three images: alice's good one, bob's bad one, one that says nothing, and an image without any.
    private let set: String = {
        let images = (1...4).map { #"{"id":\#($0),"file":"images/\#($0).jpg","width":9,"height":9}"# }.joined(separator: ",")
        func point(_ id: Int, _ image: Int, _ category: Int, _ rest: String) -> String {
            #"{"id":\#(id),"image_id":\#(image),"category_id":\#(category),"type":"POINT","point":[1,1]\#(rest)}"#
        }
        let annotations = [
            point(
                1,
                1,
                1,
                #","annotator":"alice","quality":"good","review":"passed","tags":["night"],"created_at":"2026-03-01T12:00:00Z""#
            ),
            point(2, 2, 2, #","annotator":"bob","quality":40,"review":"rejected","created_at":"2026-04-01T12:00:00Z""#),
            point(3, 3, 2, ""), point(4, 1, 2, #","annotator":"bob""#),
        ]
        return document(annotations.joined(separator: ","), images: images)
    }()

    private func ids(_ metadata: DatasetMetadata = DatasetMetadata(), _ change: (inout AnnotationFilter) -> Void) throws -> [[Int64]] {
        var filter = AnnotationFilter()
        change(&filter)
        return try TemporarySet(set).table(filter, metadata).images.map { $0.1.map(\.id) }
    }

    @Test func `without conditions everything is taken, images without annotations too`() throws {
        #expect(try ids { _ in } == [[1, 4], [2], [3], []])
    }

    @Test func `an annotator's annotations are taken, and images of others' are left out`() throws {
        #expect(try ids { $0.annotators = ["alice"] } == [[1]])
        #expect(try ids { $0.annotators = ["b*"] } == [[4], [2]])
    }

    @Test func `what an annotation does not say its dataset says`() throws {
        var metadata = DatasetMetadata()
        metadata.annotator = "alice"
        #expect(try ids(metadata) { $0.annotators = ["alice"] } == [[1], [3], []])
    }

    @Test func `quality, review, time and tags are looked at`() throws {
        #expect(try ids { $0.qualityLevels = [.good] } == [[1]])
        #expect(try ids { $0.minimumScore = 30 } == [[2]])
        #expect(try ids { $0.minimumScore = 50 } == [])
        #expect(try ids { $0.review = [.passed, .pending] } == [[1]])
        #expect(try ids { $0.tags = ["ni*"] } == [[1]])
        #expect(try ids { $0.from = Timestamp(nanoseconds: 1_774_000_000_000_000_000) } == [[2]])
        #expect(try ids { $0.to = Timestamp(nanoseconds: 1_774_000_000_000_000_000) } == [[1]])
    }

    @Test func `a text is looked for in the label, unless the dataset's task has it`() throws {
        #expect(try ids { $0.text = "CUP" } == [[4], [2], [3]])
        var metadata = DatasetMetadata()
        metadata.task = "cups on a desk"
        #expect(try ids(metadata) { $0.text = "cup" } == [[1, 4], [2], [3], []])
    }

    @Test func `a survey remembers what selections look at`() throws {
        let folder = try TemporarySet(set)
        let survey = try ImageSetSurvey.read(folder.file, cancellation: Cancellation())
        #expect(survey.annotators == ["alice", "bob"])
        #expect(survey.qualityLevels == [.good])
        #expect(survey.bestScore == 40)
        #expect(survey.review == [.passed, .rejected])
        #expect(survey.tags == ["night"])
        #expect(survey.labels == ["person", "cup", "赤い箱"])
        #expect(survey.images == 4)
        #expect(survey.annotations == 4)
        #expect(survey.header.project == "kitchen")
    }
}
