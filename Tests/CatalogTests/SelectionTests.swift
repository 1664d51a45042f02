import ExportCore
import Glibc
import Requests
import TestSupport
import Testing

@testable import Catalog

struct SelectionTests {
    private let now = Timestamp(nanoseconds: TinyRecording.start + 3_600_000_000_000)

    /// A catalogue of rows that were never files.
    private func catalog(_ store: TemporaryStore, _ datasets: [(id: String, dataset: ScannedDataset)]) throws -> Catalog {
        let catalog = try store.catalog()
        try catalog.index.store(
            datasets.map { id, dataset in
                CatalogIndex.Row(
                    place: CatalogIndex.Place(store: store.store, location: id),
                    id: id,
                    stamp: "",
                    dataset: dataset
                )
            }
        )
        return catalog
    }

    private func dataset(_ fill: (inout ScannedDataset) -> Void) -> ScannedDataset {
        var dataset = ScannedDataset(layout: .folder)
        fill(&dataset)
        return dataset
    }

    private func selection(_ fill: (inout Selection) -> Void) -> Selection {
        var selection = Selection()
        fill(&selection)
        return selection
    }

    // MARK: Against a filter that is too simple to be wrong

    private let projects = ["kitchen", "lab", "lab2", "Lab", "küche"]
    private let people = ["s01", "s02", "t01"]
    private let tags = ["night", "day", "new", "[x]"]
    private let texts = ["Pick up the CUP", "place it", "拿起杯子", "ÄPFEL holen", "reach for the cup and place it"]

    private func randomDataset(_ number: Int, _ random: inout SeededGenerator) -> (id: String, dataset: ScannedDataset) {
        let id = "\(["a", "b/c", "deep/er"].randomElement(using: &random) ?? "a")/2026030\(number % 7)_\(number)"
        let dataset = dataset { dataset in
            func maybe<Value>(_ values: [Value]) -> Value? { Bool.random(using: &random) ? values.randomElement(using: &random) : nil }
            dataset.fingerprint = String(Int.random(in: 0...3, using: &random))
            dataset.metadata.project = maybe(projects)
            dataset.metadata.annotator = maybe(people)
            dataset.metadata.robot = maybe(["arm", "RM_1"])
            dataset.metadata.qualityLevel = maybe(QualityLevel.allCases)
            dataset.metadata.qualityScore = maybe([0, 49.5, 80, 100])
            dataset.metadata.review = maybe(ReviewState.allCases)
            dataset.metadata.tags = tags.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            dataset.metadata.task = maybe(texts)
            dataset.metadata.taskZH = maybe(texts)
            dataset.metadata.recordedAt = maybe((-3...3).map { Timestamp(nanoseconds: now.nanoseconds + $0 * 1_000) })
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                guard let range = TimeRange(start: now, end: now) else { continue }
                dataset.segments.append(Segment(range: range, task: texts.randomElement(using: &random) ?? ""))
            }
        }
        return (id, dataset)
    }

    private func randomSelection(_ random: inout SeededGenerator) -> Selection {
        func some<Value>(_ values: [Value]) -> [Value] {
            guard Int.random(in: 0..<4, using: &random) == 0 else { return [] }
            return (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in values.randomElement(using: &random) }
        }
        return selection { selection in
            selection.projects = some(["kitchen", "la*", "[kK]*", "Lab", "nothing", "*", "k?che"])
            selection.datasets = some(["*", "a/*", "2026030[0-3]_*", "*_1?", "b/c/*"])
            selection.annotators = some(["s*", "t01", "[!s]*"])
            selection.robots = some(["RM_*", "arm"])
            selection.qualityLevels = some(QualityLevel.allCases)
            selection.minimumScore = some([0, 50, 80, 100]).first
            selection.review = some(ReviewState.allCases)
            selection.tags = some(["night", "n*", "[x]", "d?y"])
            selection.text = some(["cup", "CUP", "子", "äpfel", "zzz", "place it"]).first
            let times = (-3...3).map { Timestamp(nanoseconds: now.nanoseconds + $0 * 1_000) }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: selection.recorded = .last(nanoseconds: Int64.random(in: 0...4, using: &random) * 1_000)
            case 1: selection.recorded = .between(from: times.randomElement(using: &random), to: nil)
            case 2: selection.recorded = .between(from: times.randomElement(using: &random), to: times.randomElement(using: &random))
            default: break
            }
            selection.changedSinceLastSuccess = Int.random(in: 0..<5, using: &random) == 0
        }
    }

    private func matches(_ patterns: [String], _ values: [String]) -> Bool {
        patterns.isEmpty || patterns.contains { pattern in values.contains { $0 == pattern || fnmatch(pattern, $0, FNM_NOESCAPE) == 0 } }
    }

    private func takes(_ selection: Selection, _ id: String, _ dataset: ScannedDataset, _ previous: [String: String]) -> Bool {
        let metadata = dataset.metadata
        func one(_ value: String?) -> [String] { value.map { [$0] } ?? [] }
        guard matches(selection.projects, one(metadata.project)), matches(selection.annotators, one(metadata.annotator)),
            matches(selection.robots, one(metadata.robot)), matches(selection.tags, metadata.tags),
            matches(selection.datasets, [id, DatasetID(id).name])
        else { return false }
        if !selection.qualityLevels.isEmpty {
            guard let level = metadata.qualityLevel, selection.qualityLevels.contains(level) else { return false }
        }
        if let least = selection.minimumScore {
            guard let score = metadata.qualityScore, score >= least else { return false }
        }
        if !selection.review.isEmpty {
            guard let review = metadata.review, selection.review.contains(review) else { return false }
        }
        if let text = selection.text?.lowercased() {
            let all = [metadata.task, metadata.taskZH].compactMap { $0 } + dataset.segments.map(\.task)
            guard all.contains(where: { $0.lowercased().contains(text) }) else { return false }
        }
        if let recorded = selection.recorded {
            guard let time = metadata.recordedAt?.nanoseconds else { return false }
            switch recorded {
            case .between(let from, let to):
                if let from, time < from.nanoseconds { return false }
                if let to, time >= to.nanoseconds { return false }
            case .last(let nanoseconds):
                guard time > now.nanoseconds - nanoseconds, time <= now.nanoseconds else { return false }
            }
        }
        return !selection.changedSinceLastSuccess || previous[id] != dataset.fingerprint
    }

    @Test func `any selection takes what a simple filter takes`() throws {
        // Non-ASCII patterns are compared by fnmatch(3) in the process's locale.
        setlocale(LC_CTYPE, "C.UTF-8")
        var random = SeededGenerator(seed: 2026)
        let store = try TemporaryStore()
        let datasets = (0..<300).map { randomDataset($0, &random) }
        let catalog = try catalog(store, datasets)
        let previous = Dictionary(uniqueKeysWithValues: datasets.prefix(200).map { ($0.id, "1") })
        var selected = 0
        for _ in 0..<500 {
            let selection = randomSelection(&random)
            let expected = datasets.filter { takes(selection, $0.id, $0.dataset, previous) }.map { DatasetID($0.id) }.sorted()
            do throws(ExportError) {
                let entries = try catalog.select(selection, now: now, previous: previous)
                #expect(entries.map(\.id) == expected, "\(selection)")
                selected += entries.count
            } catch {
                #expect(error.code == .selectionEmpty)
                #expect(expected.isEmpty, "\(selection)")
            }
        }
        #expect(selected > 1_000)
    }

    // MARK: Errors

    @Test func `explicit identifiers that don't exist are named with the nearest`() throws {
        let store = try TemporaryStore()
        let catalog = try catalog(
            store,
            ["kitchen/20260301_a", "kitchen/20260302_b", "run[1]"].map { ($0, ScannedDataset(layout: .folder)) }
        )
        let good = selection { $0.datasets = ["kitchen/20260301_a", "20260302_b", "run[1]"] }
        #expect(try catalog.select(good, now: now).count == 3)
        let bad = selection { $0.datasets = ["kitchen/20260301_a", "kitchen/20260301_aa", "20260302_B", "zebra"] }
        let error = #expect(throws: ExportError.self) { try catalog.select(bad, now: now) }
        #expect(error?.code == .selectionEmpty)
        #expect(error?.details.count == 3)
        #expect(error?.details[0].hint == "Did you mean kitchen/20260301_a?")
        #expect(error?.details[1].hint == "Did you mean 20260302_b?")
        #expect(error?.details[2].hint == nil)
        #expect(throws: ExportError.self) { try catalog.show(DatasetID("kitchen/20260301")) }
        #expect(throws: Never.self) { try catalog.list(bad, now: now) }
    }

    @Test func `an empty selection says what each condition leaves out`() throws {
        let store = try TemporaryStore()
        let catalog = try catalog(
            store,
            [
                ("a", dataset { $0.metadata.project = "kitchen" }),
                (
                    "b",
                    dataset {
                        $0.metadata.project = "lab"
                        $0.metadata.review = .passed
                        $0.fingerprint = "1"
                    }
                ),
                ("c", dataset { $0.metadata.review = .rejected }),
            ]
        )
        let selection = selection {
            $0.projects = ["kit*"]
            $0.review = [.passed]
            $0.changedSinceLastSuccess = true
        }
        let error = #expect(throws: ExportError.self) { try catalog.select(selection, now: now, previous: ["b": "1", "z": "9"]) }
        #expect(error?.code == .selectionEmpty)
        #expect(
            error?.details.map(\.message) == [
                "projects: kit* leaves out 2 of 3 datasets.", "review: passed leaves out 2 of 3 datasets.",
                "changed_since: last-success leaves out 1 of 3 datasets.",
            ]
        )
    }

    @Test func `an empty catalogue says so`() throws {
        let store = try TemporaryStore()
        let error = #expect(throws: ExportError.self) { try store.catalog().select(Selection(), now: now) }
        #expect(error?.message == "The catalogue holds no datasets.")
    }

    @Test func `thousands of identifiers and globs are one query`() throws {
        let store = try TemporaryStore()
        let catalog = try catalog(store, (0..<3_000).map { ("set\($0)", ScannedDataset(layout: .folder)) })
        let selection = selection { $0.datasets = (0..<2_000).map { "set\($0)" } + (2_000..<3_000).map { "se?\($0)*" } }
        #expect(try catalog.select(selection, now: now).count == 3_000)
    }

    @Test func `datasets that might be meant are not lost because they can't be read`() throws {
        let store = try TemporaryStore()
        let broken = ExportError(.datasetUnreadable, "It is cut off.")
        let catalog = try catalog(
            store,
            [
                (
                    "good",
                    dataset {
                        $0.metadata.project = "kitchen"
                        $0.metadata.recordedAt = now
                    }
                ),
                (
                    "cut",
                    dataset {
                        $0.metadata.project = "kitchen"
                        $0.problem = broken
                    }
                ),
                (
                    "cut-elsewhere",
                    dataset {
                        $0.metadata.project = "lab"
                        $0.problem = broken
                    }
                ),
                (
                    "undescribed",
                    dataset {
                        $0.metadata.recordedAt = now
                        $0.problem = broken
                    }
                ),
                (
                    "known",
                    dataset {
                        $0.metadata.project = "kitchen"
                        $0.metadata.recordedAt = now
                        $0.problem = broken
                    }
                ),
            ]
        )
        let selection = selection {
            $0.projects = ["kitchen"]
            $0.recorded = .last(nanoseconds: 1_000)
        }
        #expect(try catalog.select(selection, now: now).map(\.id.text) == ["good", "known"])
        #expect(try catalog.undecided(selection, now: now).map(\.id.text) == ["cut", "undescribed"])
        #expect(try catalog.undecided(Selection(), now: now).isEmpty)
    }

    @Test func `hostile patterns are only texts`() throws {
        let store = try TemporaryStore()
        let catalog = try catalog(store, [("a", dataset { $0.metadata.project = "x'; DROP TABLE dataset; --" })])
        let selection = selection {
            $0.projects = ["x'; DROP TABLE dataset; --", "\"", "\\", "\u{0}", "[", "]", "[!", "**********************a"]
            $0.text = "%_'"
        }
        #expect(throws: ExportError.self) { try catalog.select(selection, now: now) }
        #expect(try catalog.list(now: now).count == 1)
    }
}
