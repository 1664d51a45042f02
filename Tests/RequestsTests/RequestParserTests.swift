import ExportCore
import Fields
import Formats
import TestSupport
import Testing
import YAML

@testable import Requests

private func parse(_ text: String) throws(ExportError) -> Request {
    try RequestParser.parse(Array(text.utf8), fileName: "a.yaml")
}

private func problems(_ text: String) -> [String] {
    do throws(ExportError) {
        _ = try parse(text)
        return []
    } catch {
        return error.details.map { "\($0.location?.line ?? 0):\($0.location?.column ?? 0) \($0.message)" }
    }
}

private func hints(_ text: String) -> [String?] {
    do throws(ExportError) {
        _ = try parse(text)
        return []
    } catch {
        return error.details.map(\.hint)
    }
}

/// A request with every key that there is.
private let full = """
    # yaml-language-server: $schema=./export-request.schema.json
    kind: export
    title: Nightly kitchen set
    select:
      projects: [kitchen]
      datasets: ["20260301_kitchen_*"]
      recorded: {from: 2026-03-01T00:00:00Z, to: 2026-03-08}
      annotators: [s01]
      quality: {levels: [excellent, good], min_score: 80}
      review: [passed]
      robots: [arm, "7"]
      tags: [night]
      text: pick
      changed_since: last-success
    exports:
      - format: hdf5
        chunk_size: 10
        rate_hz: 29.97
        strict_match: false
        sampling: linear
        clock: header_stamp
        tolerance: 12.5
        images: raw
        compression: gzip
        mapping:
          observation.state:
            - {topic: /a/joint_states, field: position, indices: [0, "3-5"], names: [a, b, c, d], scale: 0.001}
            - {topic: b}
          observation.images.front_1: [{topic: /front/image}]
        action: next_state
        default_task: Pick it up
      - {format: hdf5, tolerance: auto}
    package: directory
    priority: low
    on_dataset_error: skip
    """

@Suite struct `A request` {
    @Test func `with every key is read as it says`() throws {
        var expected = ExportRequest(exports: [])
        expected.title = "Nightly kitchen set"
        expected.select.projects = ["kitchen"]
        expected.select.datasets = ["20260301_kitchen_*"]
        expected.select.recorded = .between(
            from: Timestamp(nanoseconds: 1_772_323_200_000_000_000),
            to: Timestamp(nanoseconds: 1_772_928_000_000_000_000)
        )
        expected.select.annotators = ["s01"]
        expected.select.qualityLevels = [.excellent, .good]
        expected.select.minimumScore = 80
        expected.select.review = [.passed]
        expected.select.robots = ["arm", "7"]
        expected.select.tags = ["night"]
        expected.select.text = "pick"
        expected.select.changedSinceLastSuccess = true
        var options = HDF5Options()
        options.chunkSize = 10
        options.sampling.rate = try #require(Hertz(29.97))
        options.sampling.strictMatch = false
        options.sampling.method = .linear
        options.sampling.clock = .headerStamp
        options.sampling.tolerance = .nanoseconds(12_500_000)
        options.images = .raw
        options.compression = .gzip
        var source = FeatureMapping.Source(topic: "/a/joint_states")
        source.field = "position"
        source.indices = [0...0, 3...5]
        source.names = ["a", "b", "c", "d"]
        source.scale = 0.001
        options.mapping = FeatureMapping(features: [
            "observation.state": [source, FeatureMapping.Source(topic: "b")],
            "observation.images.front_1": [FeatureMapping.Source(topic: "/front/image")],
        ])
        options.action = .nextState
        options.defaultTask = "Pick it up"
        expected.exports = [.hdf5(options), .hdf5(HDF5Options())]
        expected.package = .directory
        expected.priority = .low
        expected.onDatasetError = .skip
        #expect(try parse(full) == .export(expected))
    }

    @Test func `of one line has all defaults`() throws {
        #expect(try parse("exports: [{format: hdf5}]") == .export(ExportRequest(exports: [.hdf5(HDF5Options())])))
    }

    @Test func `may be a preview, a cancellation or a retry`() throws {
        #expect(try parse("{kind: preview, exports: [{format: hdf5}]}") == .preview(ExportRequest(exports: [.hdf5(HDF5Options())])))
        #expect(
            try parse("kind: cancel\njobs: [nightly, 20261122-171500-4f2ab1]")
                == .cancel(JobsRequest(jobs: ["nightly", "20261122-171500-4f2ab1"]))
        )
        #expect(try parse("kind: retry\ntitle: t\njobs: [a]") == .retry(JobsRequest(title: "t", jobs: ["a"])))
    }

    @Test(arguments: ["histories", "nonsense"])
    func `of another kind is told what kinds there are`(kind: String) {
        let kinds = "export, preview, cancel, retry, history, quota, queue"
        #expect(problems("kind: \(kind)\n").first == "1:7 kind must be one of \(kinds); found the text \"\(kind)\".")
    }

    @Test func `with ten mistakes hears of ten`() {
        let text = """
            title: "two\\nlines"
            select:
              projects: kitchen
              quality: {levels: [excelent], min_score: 130}
              recorded: {last: 24}
              anotators: [s01]
            exports:
              - format: hdf5
                rate_hz: "30"
                imges: jpeg
            package: zip
            package: tar.gz
            """
        #expect(
            problems(text) == [
                "1:8 title must be a title without control characters or line ends; found the text \"two\\u{a}lines\".",
                "3:13 select.projects must be a list; found the text \"kitchen\".",
                "4:22 select.quality.levels[0] must be one of excellent, good, fair, poor; found the text \"excelent\".",
                "4:44 select.quality.min_score must be a number from 0 to 100; found the number 130.",
                "5:20 select.recorded.last must be a length of time with a unit, such as 30s or 24h, from 1s to 36525d; found the number 24.",
                "6:3 The key \"anotators\" is not known in select.",
                "9:14 exports[0].rate_hz must be a rate in hertz above 0 and up to 10000; found the text \"30\".",
                "10:5 The key \"imges\" is not known in exports[0].",
                "11:10 package must be one of tar.gz, directory; found the text \"zip\".",
                "12:1 The key \"package\" stands here a second time; the first is on line 11.",
            ]
        )
        #expect(
            hints(text) == [
                nil, "Write it as a list: [kitchen].", "Did you mean excellent?", nil, "Write the unit behind the number: 24s for seconds.",
                "Did you mean annotators?", "Write the number without quotes.", "Did you mean images?", nil, "Keep one of the two.",
            ]
        )
    }

    @Test func `whose kind is misspelt hears of its other problems too`() {
        #expect(problems("kind: cancle\njob: [a]\n").count == 3)
    }

    @Test func `whose problem lies in an export names its number`() throws {
        let error = try #require(throws: ExportError.self) { try parse("exports: [{format: hdf5}, {format: hdf5, crf: 3}]") }
        #expect(error.code == .requestInvalid)
        #expect(!error.retryable)
        #expect(error.location == .init(file: "a.yaml", line: 1, column: 42, export: 1))
        #expect(error.hint?.contains("chunk_size") == true)
    }

    @Test(arguments: [
        ("", "is empty"), ("# nothing\n", "is empty"), ("[]", "must be a mapping"), ("hello", "must be a mapping"),
        ("{}", "exports is missing"),
        ("exports: []", "at least one item"), ("exports: {format: hdf5}", "must be a list"), ("exports: [hdf5]", "must be a mapping"),
        ("exports: [{}]", "format is missing"), ("exports: [{format: hdf}]", "must be one of coco, csv, frame_drops, hdf5"),
        ("exports: [{format: zarr}]", "must be one of coco, csv, frame_drops, hdf5"),
        ("kind: cancel", "jobs is missing"), ("{kind: cancel, jobs: []}", "at least one item"),
        ("{kind: cancel, jobs: [3]}", "found the number 3"),
        ("{kind: cancel, jobs: [a], exports: [{format: hdf5}]}", "\"exports\" is not known"),
        ("{exports: [{format: hdf5}], on_behalf: alice}", "\"on_behalf\" is not known"),
        ("{exports: [{format: hdf5}], notifies: {}}", "\"notifies\" is not known"),
        ("{exports: [{format: hdf5}], select: {recorded: {}}}", "from, to or both"),
        ("{exports: [{format: hdf5}], select: {recorded: {last: 1h, to: 2026-01-01}}}", "as well as"),
        ("{exports: [{format: hdf5}], select: {recorded: {from: 2026-01-02, to: 2026-01-02}}}", "must be later"),
        ("{exports: [{format: hdf5}], select: {changed_since: last-success}}", "needs a title"),
        ("{exports: [{format: hdf5}], select: {datasets: []}}", "at least one item"),
        ("{exports: [{format: hdf5, rate_hz: 0}]}", "above 0"), ("{exports: [{format: hdf5, rate_hz: 1e99}]}", "above 0"),
        ("{exports: [{format: hdf5, chunk_size: 1.0}]}", "whole number"), ("{exports: [{format: hdf5, tolerance: -1}]}", "milliseconds"),
        ("{exports: [{format: hdf5, mapping: {}}]}", "at least one key"),
        ("{exports: [{format: hdf5, mapping: {state: [{topic: a}]}}]}", "\"state\" must be"),
        ("{exports: [{format: hdf5, mapping: {action: [{field: x}]}}]}", "topic is missing"),
        ("{exports: [{format: hdf5, mapping: {action: [{topic: a, indices: [5-3]}]}}]}", "range of indices"),
        ("{exports: [{format: hdf5, mapping: {action: [{topic: a, indices: [0-1], names: [x]}]}}]}", "1 names for the 2 elements"),
        ("{exports: [{format: hdf5, mapping: {action: [{topic: a, scale: 0}]}}]}", "every value into 0"),
        ("{exports: [{format: hdf5, mapping: {action: [{topic: a, field: \"a b\"}]}}]}", "path of field names"),
        ("{exports: [{format: hdf5, mapping: {observation.images.Front: [{topic: a}]}}]}", "must be observation.state"),
        ("{exports: [{format: hdf5, mapping: {observation.images.a: [{topic: a}, {topic: b}]}}]}", "must have one topic"),
        ("{exports: [{format: hdf5, mapping: {observation.images.a: [{topic: a, scale: 2}]}}]}", "is a camera"),
    ])
    func `that is wrong is refused in words that say how`(text: String, words: String) {
        let found = problems(text)
        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }

    @Test func `has a line of help for each key, which says where it may stand`() {
        let rows = RequestParser.rows
        func conditions(_ path: String) -> [String?] { rows.filter { $0.path == path }.map(\.condition) }
        #expect(conditions("kind") == [nil])
        #expect(conditions("exports[].format") == ["kind: export, preview"])
        #expect(conditions("exports[].crf") == ["format: lerobot"])
        #expect(conditions("exports[].bom") == ["format: csv", "format: image_csv"])
        #expect(conditions("action") == ["kind: quota", "kind: queue"])
        #expect(rows.first { $0.path == "exports[].crf" }?.text.hasSuffix("\n    with format: lerobot") == true)
    }

    @Test func `is printed so that it reads back the same`() throws {
        for text in [
            full, "exports: [{format: hdf5}]", "kind: retry\njobs: [\"true\", a b]",
            "{kind: preview, exports: [{format: hdf5}], select: {recorded: {last: 36h}}}",
        ] {
            let request = try parse(text)
            #expect(try parse(RequestParser.text(request)) == request)
        }
    }

    @Test func `that is damaged in any way never traps, and what is read can be printed and read again`() {
        var random = SeededGenerator(seed: 42)
        let lines = full.split(separator: "\n").map(String.init)
        let words = [
            "[", "]", "{", "}", ": ", "- ", "&a ", "*a", "~", "\"", "5", "1e400", "-1", "yes", "\u{0}", "é", "99999999999999999999",
            "!!int ", "<<: ",
        ]
        var read = 0
        for _ in 0..<3_000 {
            var changed = lines
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<changed.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where changed.count > 1: changed.remove(at: index)
                case 1: changed.swapAt(index, Int.random(in: 0..<changed.count, using: &random))
                case 2: changed.insert(changed.randomElement(using: &random) ?? "", at: index)
                default:
                    var line = Array(changed[index])
                    line.insert(contentsOf: words.randomElement(using: &random) ?? "", at: Int.random(in: 0...line.count, using: &random))
                    changed[index] = String(line)
                }
            }
            do throws(ExportError) {
                let request = try parse(changed.joined(separator: "\n"))
                read += 1
                #expect(try parse(RequestParser.text(request)) == request)
            } catch {
                #expect(error.code == .requestInvalid)
                #expect(!error.details.isEmpty)
            }
        }
        #expect(read > 100)
    }
}

@Suite struct `Messages in a request` {
    private func options(_ text: String) throws -> ExportOptions? {
        guard case .export(let request) = try parse("exports: [{\(text)}]") else { return nil }
        return request.exports.first
    }

    @Test func `are all of them where nothing is said`() throws {
        #expect(try options("format: mcap") == .mcap(MCAPOptions()))
        #expect(try options("format: mcap_chunks") == .mcapChunks(MCAPChunksOptions()))
        #expect(MCAPChunksOptions().cut == .duration(60_000_000_000))
    }

    @Test func `are chosen by topics, time and compression`() throws {
        var expected = MCAPOptions()
        expected.messages.topics.include = ["/a", "*b"]
        expected.messages.topics.exclude = ["c"]
        expected.messages.time = .window(from: .offset(12_500_000_000), to: .instant(Timestamp(nanoseconds: 1_772_323_200_000_000_001)))
        expected.messages.compression = .lz4
        let text =
            "format: mcap, topics: {include: [/a, '*b'], exclude: [c]}, time: {from: 12.5s, to: 1772323200000000001}, compression: lz4"
        #expect(try options(text) == .mcap(expected))
        expected = MCAPOptions()
        expected.messages.time = .segments
        #expect(try options("format: mcap, time: segments") == .mcap(expected))
        expected.messages.time = .window(from: .instant(Timestamp(nanoseconds: 1_772_323_200_000_000_000)), to: nil)
        #expect(try options("format: mcap, time: {from: 2026-03-01T00:00:00Z}") == .mcap(expected))
    }

    @Test func `are cut by length or by size`() throws {
        guard case .mcapChunks(let short)? = try options("format: mcap_chunks, max_duration: 1.5s"),
            case .mcapChunks(let small)? = try options("format: mcap_chunks, max_size: 512MiB")
        else { throw ExportError(.internal, "Not parts.") }
        #expect(short.cut == .duration(1_500_000_000))
        #expect(small.cut == .size(512 << 20))
    }

    @Test(arguments: [
        ("format: mcap, face_blur: maybe", "must be true, false, or"), ("format: mcap, face_blur: {style: fog}", "blur, pixelate, fill"),
        ("format: mcap, time: {}", "must be a mapping with from, to or both"),
        ("format: mcap, time: {from: 30}", "must be a length of time"), ("format: mcap, time: {from: 5s, to: 5s}", "must be later than"),
        ("format: mcap, time: segment", "must be recording, segments or"), ("format: mcap, topics: {include: []}", "at least one item"),
        ("format: mcap, time: {to: 0s}", "so that nothing is taken"),
        ("format: mcap, compression: bz2", "must be one of keep, zstd, lz4, none"),
        ("format: mcap_chunks, max_size: 512MiB, max_duration: 3s", "has max_duration as well as max_size"),
        ("format: mcap_chunks, max_size: 512", "must be a size with a unit"), ("format: mcap, max_size: 1MiB", "\"max_size\" is not known"),
    ])
    func `that are asked for wrongly are refused in words that say how`(_ text: String, _ words: String) {
        let found = problems("exports: [{\(text)}]")
        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }
}
