import ExportCore
import TestSupport
import Testing
import YAML

@testable import Fields

private enum Color: String, CaseIterable {
    case red
    case green
}

private struct Inner: Hashable {
    var depth = 1
    var note: String?
}

private struct Outer: Hashable {
    var name = ""
    var count = 3
    var ratio = 0.5
    var on = false
    var color = Color.red
    var sizes: [Int64] = []
    var wait: Duration = .seconds(2)
    var inner = Inner()
    var others: [String: Inner] = [:]
    var rate = Hertz.thirty
    var since: Timestamp?
}

private let inner = FieldSet(defaults: Inner()) {
    Field("depth", \.depth, .integer(0...10), "How deep.")
    Field("note", \.note, .text("a note"), "A note.")
}

private let outer = FieldSet(defaults: Outer()) {
    Field("name", \.name, .text("a name", upTo: 20), required: true, "The name.")
    Field("count", \.count, .integer(1...100), "How many.")
    Field("ratio", \.ratio, .decimal(0...1), "A share.")
    Field("on", \.on, .boolean, "A switch.")
    Field("color", \.color, .choice(), "A color.")
    Field("sizes", \.sizes, .list(of: .size(0...(1 << 40))), "Sizes.")
    Field("wait", \.wait, .duration(.zero...(.seconds(60))), "A wait.")
    Field("inner", \.inner, .set(inner), "Inside.")
    Field("others", \.others, .map(of: .set(inner), key: KeyRule(expected: "short", pattern: "^.{1,5}$") { $0.count <= 5 }), "Others.")
    Field("rate", \.rate, .rate(upTo: 1_000), "A rate.")
    Field("since", \.since, .timestamp, "An instant.")
} check: { value, node, path, problems in
    if value.count == 13 { problems.add(at: node.position, path, "13 is out of luck.") }
}

private func read(_ text: String) -> (value: Outer?, problems: [Problem]) {
    let document = YAMLReader.read(Array(text.utf8))
    var problems = ProblemList(document.problems)
    let value = document.root.flatMap { Shape.set(outer).read($0, into: &problems) }
    return (value, problems.problems)
}

@Suite struct `A set of fields` {
    @Test func `reads every shape`() throws {
        let (value, problems) = read(
            """
            name: x
            count: 0x10
            ratio: 1
            on: true
            color: green
            sizes: [1KiB, 2B]
            wait: 1.5s
            inner: {depth: 2, note: "30"}
            others: {a: {}, b: {depth: 0}}
            rate: 29.97
            since: 2026-03-01
            """
        )
        #expect(problems.isEmpty)
        var expected = Outer(name: "x", count: 16, ratio: 1, on: true, color: .green, sizes: [1_024, 2], wait: .milliseconds(1_500))
        expected.inner = Inner(depth: 2, note: "30")
        expected.others = ["a": Inner(), "b": Inner(depth: 0)]
        expected.rate = try #require(Hertz(29.97))
        expected.since = Timestamp(nanoseconds: 1_772_323_200_000_000_000)
        #expect(value == expected)
    }

    @Test func `fills in defaults`() {
        #expect(read("name: x").value == Outer(name: "x"))
    }

    @Test func `reports every problem at its place`() {
        let (value, problems) = read(
            """
            naem: x
            count: "3"
            ratio: .nan
            on: 1
            color: gren
            sizes: [5, 1 KiB, 2TiB]
            wait: 90s
            inner: [1]
            others: {toolong: {dept: 1}}
            rate: 0
            since: 2026-03-01T00:00:00
            """
        )
        #expect(value == nil)
        #expect(
            problems.map { "\($0.position.line):\($0.position.column) \($0.path)" } == [
                "1:1 naem", "2:8 count", "3:8 ratio", "4:5 on", "5:8 color", "6:9 sizes[0]", "6:12 sizes[1]", "6:19 sizes[2]", "7:7 wait",
                "8:8 inner", "9:10 others.toolong", "9:20 others.toolong.dept", "10:7 rate", "11:8 since", "1:1 name",
            ]
        )
        #expect(problems[0].hint == "Did you mean name?")
        #expect(problems[1].hint == "Write the number without quotes.")
        #expect(problems[1].message == "count must be a whole number from 1 to 100; found the text \"3\".")
        #expect(problems[3].hint == "Write true, without quotes.")
        #expect(problems[4].hint == "Did you mean green?")
        #expect(problems[5].hint == "Write the unit behind the number: 5B for bytes.")
        #expect(problems[6].hint == "Write the unit without a space.")
        #expect(problems[13].hint?.contains("time zone") == true)
        #expect(problems[14].message == "The key name is missing: The name.")
    }

    @Test func `says what to do about nothing, words of two meanings, numbers and single values`() {
        let problems = read("name: 5\ncount:\non: yes\ncolor: no\nsizes: 1KiB\nwait: 30\n").problems
        #expect(
            problems.map(\.hint) == [
                "If this is meant as a text, put it in quotes: \"5\".", "Remove the key, or give it a value.",
                "Write true for the boolean, or \"yes\" in quotes for the text.",
                "Write false for the boolean, or \"no\" in quotes for the text.",
                "Write it as a list: [1KiB].", "Write the unit behind the number: 30s for seconds.",
            ]
        )
    }

    @Test(arguments: ["[a]", "x", "5", "~"])
    func `wants a mapping`(text: String) {
        #expect(read(text).problems.map(\.message).first?.hasPrefix("The file must be a mapping; found ") == true)
    }

    @Test(arguments: ["name: \"a\\nb\"", "name: \"\\u202Eb\"", "name: \"a\\x7f\"", "name: ''", "name: aaaaaaaaaaaaaaaaaaaaa"])
    func `refuses texts that are empty, too long or cannot be shown on one line`(text: String) {
        #expect(read(text).problems.count == 1)
    }

    @Test func `checks what the keys say together only where each is right`() {
        #expect(read("name: x\ncount: 13").problems.map(\.message) == ["13 is out of luck."])
        #expect(read("name: x\ncount: 13\non: 3").problems.map(\.path) == ["on"])
    }

    @Test func `refuses empty lists and mappings`() {
        #expect(read("name: x\nsizes: []\nothers: {}").problems.map(\.path) == ["sizes", "others"])
    }

    @Test func `prints what it reads`() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            var value = Outer(
                name: ["x", "30", "true", "no", "- a", "a: b", "#", "é\"\\'", "2026-03-01", "1e3", "&a"].randomElement(using: &random) ?? ""
            )
            value.count = .random(in: 14...100, using: &random)
            value.ratio = .random(in: 0...1, using: &random)
            value.on = .random(using: &random)
            value.color = Color.allCases.randomElement(using: &random) ?? .red
            value.sizes = (0..<Int.random(in: 0...3, using: &random)).map { _ in .random(in: 0...(1 << 40), using: &random) }
            value.wait = .nanoseconds(Int64.random(in: 0...60_000_000_000, using: &random))
            value.inner.note = Bool.random(using: &random) ? "~" : nil
            value.others = Bool.random(using: &random) ? ["true": Inner(depth: 2), "b": Inner()] : [:]
            value.rate = Hertz(microhertz: .random(in: 1...1_000_000_000, using: &random)) ?? .thirty
            value.since = Timestamp(nanoseconds: .random(in: -1_000_000_000_000...Int64.max, using: &random))
            let written = try #require(Shape.set(outer).written(value))
            for text in [written.yaml, written.json, written.compactJSON] {
                let (again, problems) = read(text)
                #expect(problems.isEmpty, "\(text)")
                #expect(again == value, "\(text)")
            }
        }
    }

    @Test func `prints its help`() {
        let rows = outer.rows
        #expect(rows.map(\.path).prefix(3) == ["name", "count", "ratio"])
        #expect(rows.contains { $0.path == "others.<name>.depth" && $0.defaultText == "1" })
        #expect(rows[0].isRequired)
        #expect(rows[4].text == "color\n    A color.\n    one of red, green, default \"red\"")
    }
}

@Suite struct `Problems` {
    @Test func `become one error that says how many there are and lists all in the file's order`() throws {
        var list = ProblemList()
        list.add(at: Position(line: 9, column: 2), FieldPath().key("exports").item(1).key("images"), "Second.")
        list.add(at: Position(line: 3, column: 4), FieldPath().key("title"), "First.", hint: "Do this.")
        let error = try #require(list.error(file: "a.yaml", subject: "request"))
        #expect(error.code == .requestInvalid)
        #expect(error.message == "The request has 2 problems. The first: First.")
        #expect(error.hint == "Do this. The others are in the details.")
        #expect(error.location == .init(file: "a.yaml", line: 3, column: 4))
        #expect(error.details.map(\.message) == ["First.", "Second."])
        #expect(error.details[1].location == .init(file: "a.yaml", line: 9, column: 2, export: 1))
    }

    @Test func `that are none become no error`() {
        #expect(ProblemList().error(file: "a.yaml", subject: "request") == nil)
    }

    @Test func `beyond two hundred are counted`() throws {
        var list = ProblemList()
        for line in 1...1_000 { list.add(at: Position(line: line, column: 1), FieldPath(), "No.") }
        let error = try #require(list.error(file: "a.yaml", subject: "request"))
        #expect(error.message.hasPrefix("The request has 1000 problems."))
        #expect(error.details.count == 201)
        #expect(error.details.last?.message == "800 further problems are not listed.")
    }
}

@Test func `a path quotes keys that are not plain words`() {
    #expect(FieldPath().key("a").item(0).key("observation.state").key("b-1").description == "a[0].\"observation.state\".b-1")
}
