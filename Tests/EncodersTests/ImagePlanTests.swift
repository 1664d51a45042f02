import ExportCore
import Formats
import Testing

@testable import Encoders
@testable import ImageSets

private func image(_ file: String, group: String? = nil, split: ImageSplit? = nil) -> SetImage {
    SetImage(id: 1, file: file, width: 10, height: 10, split: split, group: group)
}

@Suite struct SplitPlanTests {
    private func plan(_ shares: [String: Double], seed: Int = 0) -> SplitPlan {
        var contents = ImageContents()
        contents.splits = shares
        contents.seed = seed
        return SplitPlan(contents)
    }

    @Test func `without shares an image is where its set says, else for training`() {
        let plan = plan([:])
        #expect(!plan.draws)
        #expect(plan.split(of: image("images/a.jpg", split: .test), in: DatasetID("d")) == .test)
        #expect(plan.split(of: image("images/a.jpg"), in: DatasetID("d")) == .train)
    }

    @Test func `images of one group stay together, and other images of the draw stay where they are`() {
        let plan = plan(["train": 0.5, "val": 0.3, "test": 0.2])
        var seen: Set<ImageSplit> = []
        for group in 0..<200 {
            let splits = Set((0..<20).map { plan.split(of: image("images/\(group)/\($0).jpg", group: "g\(group)"), in: DatasetID("d")) })
            #expect(splits.count == 1)
            seen.formUnion(splits)
        }
        #expect(seen == [.train, .val, .test])
        // The hash is part of what users rely on: a nightly export must not deal its images out anew.
        let drawn = (0..<12).map { plan.split(of: image("images/\($0).jpg"), in: DatasetID("d")) }
        #expect(drawn == SplitPlanTests.pinned)
    }

    @Test func `the shares are those asked for, and another seed deals otherwise`() {
        let first = plan(["train": 0.8, "val": 0.2])
        let second = plan(["train": 0.8, "val": 0.2], seed: 1)
        let files = (0..<20_000).map { image("images/frame_\($0).jpg") }
        let one = files.map { first.split(of: $0, in: DatasetID("d")) }
        let other = files.map { second.split(of: $0, in: DatasetID("d")) }
        #expect(abs(one.count { $0 == .train } - 16_000) < 300)
        #expect(one != other)
    }

    private static let pinned: [ImageSplit] = [.test, .test, .test, .test, .test, .train, .val, .train, .train, .test, .test, .test]
}

@Suite struct ClassPlanTests {
    private let sets = [["cup", "lorry"], ["van", "cup"]].map { $0.map { ImageCategory(name: $0) } }

    @Test func `without a wish every label is a class, once, in the order of the sets`() {
        let plan = ClassPlan(sets, [])
        #expect(plan.classes.map(\.name) == ["cup", "lorry", "van"])
        #expect(plan.positions == [[0, 1], [2, 0]])
    }

    @Test func `classes come in the order asked for, several labels may be one, and what is not named is left out`() {
        let plan = ClassPlan(sets, [ImageClass("truck", from: ["van", "lorry"]), ImageClass("dog")])
        #expect(plan.classes.map(\.name) == ["truck", "dog"])
        #expect(plan.positions == [[-1, 0], [0, -1]])
        #expect(plan.missing == ["dog"])
    }

    @Test func `a star stands for all others where it stands`() {
        let plan = ClassPlan(sets, [ImageClass("van"), ImageClass(ImageClass.others), ImageClass("last", from: ["lorry"])])
        #expect(plan.classes.map(\.name) == ["van", "cup", "last"])
        #expect(plan.positions == [[1, 2], [0, 1]])
    }
}

@Suite struct FlatNamesTests {
    @Test func `no two stems are one, in capitals, in other extensions, or spelt with other code points`() {
        var names = FlatNames()
        let given = ["a/x.jpg", "b/X.png", "c/x.jpg", "x_2.jpg", "é.jpg", "e\u{301}.jpg", "a b.jpg", "a\u{3000}b.jpg", ".hidden", "noend"]
        let made = given.map { names.name(for: $0) }
        #expect(Set(made.map { FlatNames.split($0).stem.lowercased() }).count == given.count)
        #expect(made.allSatisfy { name in !name.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "/" } })
        #expect(made[0] == "x.jpg" && made[1] == "X_2.png" && made[2] == "x_3.jpg" && made[6] == "a_b.jpg")
    }
}
