import TestSupport
import Testing

@testable import YAML

private func read(_ text: String) -> YAMLDocument { YAMLReader.read(Array(text.utf8)) }

/// The tree as one line, for comparisons.
private func flat(_ node: Node?) -> String {
    guard let node else { return "none" }
    switch node.content {
    case .scalar(let scalar): return scalar.isPlain ? scalar.text : "\"\(scalar.text)\""
    case .sequence(let items): return "[" + items.map(flat).joined(separator: ",") + "]"
    case .mapping(let entries): return "{" + entries.map { "\($0.key):\(flat($0.value))" }.joined(separator: ",") + "}"
    }
}

@Suite struct `A YAML file` {
    @Test func `becomes a tree that keeps the style of its scalars`() {
        let document = read("a: [30, \"30\", 'x']\nb:\n  - c: |\n      text\n  - ~\n")
        #expect(document.problems.isEmpty)
        #expect(flat(document.root) == "{a:[30,\"30\",\"x\"],b:[{c:\"text\n\"},~]}")
    }

    @Test func `has a place for every node, counted from 1 in code points`() throws {
        let document = read("a: 1\nä€😀: {k: [x, y]}\n")
        guard case .mapping(let entries)? = document.root?.content, entries.count == 2 else {
            Issue.record("no mapping of two keys")
            return
        }
        #expect(entries[1].position == Position(line: 2, column: 1))
        #expect(entries[1].value.position == Position(line: 2, column: 6))
        guard case .mapping(let inner) = entries[1].value.content, case .sequence(let items)? = inner.first?.value.content else {
            Issue.record("no inner mapping with a list")
            return
        }
        #expect(items.map(\.position) == [Position(line: 2, column: 11), Position(line: 2, column: 14)])
    }

    @Test func `may begin with a byte order mark and end its lines as on Windows`() throws {
        let document = YAMLReader.read([0xEF, 0xBB, 0xBF] + Array("a: 1\r\nb: 2\r\n".utf8))
        #expect(flat(document.root) == "{a:1,b:2}")
        guard case .mapping(let entries)? = document.root?.content else { return }
        #expect(entries.map(\.position) == [Position(line: 1, column: 1), Position(line: 2, column: 1)])
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n...\n"])
    func `that is empty has no problems`(text: String) {
        let document = read(text)
        #expect(document.problems.isEmpty)
        #expect(document.root == nil || flat(document.root) == "")
    }

    @Test func `that is not valid is refused in libyaml's words, at libyaml's place`() throws {
        let problem = try #require(read("a: 1\nb: [1, 2\nc: 3\n").problems.first)
        #expect(problem.message.contains("did not find expected ',' or ']'"))
        #expect(problem.message.contains("line 2, column 4"))
        #expect(problem.position.line == 3)
    }

    @Test func `with a tab for indentation gets a hint`() throws {
        let problem = try #require(read("a:\n\tb: 1\n").problems.first)
        #expect(problem.position == Position(line: 2, column: 1))
        #expect(problem.hint?.contains("tabs") == true)
    }

    @Test func `names the place of bytes that are not UTF-8`() throws {
        let problem = try #require(YAMLReader.read(Array("a: 1\nbc: ".utf8) + [0xFF, 0x0A]).problems.first)
        #expect(problem.position == Position(line: 2, column: 5))
        #expect(problem.hint == "Save the file as UTF-8.")
    }

    @Test func `in UTF-16 is refused`() {
        let document = YAMLReader.read([0xFF, 0xFE] + "a: 1".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        #expect(document.root == nil)
        #expect(document.problems.count == 1)
    }

    @Test func `with control characters is refused at their place`() throws {
        let problem = try #require(YAMLReader.read(Array("a: 1\nb: x".utf8) + [7]).problems.first)
        #expect(problem.position == Position(line: 2, column: 5))
        #expect(problem.message.contains("control characters are not allowed"))
    }

    @Test func `reports every repeated key and merge key and keeps the rest`() {
        let document = read("a: 1\na: 2\nb: &x {c: 1, c: 3}\nd:\n  <<: *x\n  e: 4\na: 5\n")
        #expect(flat(document.root) == "{a:1,b:{c:1},d:{e:4}}")
        #expect(
            document.problems.map(\.position) == [
                Position(line: 2, column: 1), Position(line: 3, column: 14), Position(line: 5, column: 3), Position(line: 7, column: 1),
            ]
        )
        #expect(document.problems[0].message.contains("the first is on line 1"))
    }

    @Test func `may not have lists as keys`() {
        let document = read("? [a]\n: 1\nb: 2\n")
        #expect(flat(document.root) == "{b:2}")
        #expect(document.problems.count == 1)
    }

    @Test func `holds one document`() throws {
        let problem = try #require(read("a: 1\n---\nb: 2\n").problems.first)
        #expect(problem.position == Position(line: 2, column: 1))
    }

    @Test func `may use the tags of the core schema and no others`() {
        #expect(flat(read("a: !!str 30\n").root) == "{a:\"30\"}")
        #expect(flat(read("a: !!int \"30\"\nb: !!map {}\n").root) == "{a:30,b:{}}")
        for text in ["a: !robot x", "!!python/object:os.system {}", "a: !!int x", "a: !!map []", "a: !!binary aGk="] {
            #expect(read(text).problems.count == 1, "\(text)")
        }
    }

    @Test func `may use aliases`() {
        #expect(flat(read("a: &x [1, 2]\nb: *x\n").root) == "{a:[1,2],b:[1,2]}")
    }

    @Test(arguments: ["a: *x\n", "a: &x [*x]\n"])
    func `may not use an alias of nothing, or of itself`(text: String) {
        let document = read(text)
        #expect(document.root == nil)
        #expect(document.problems.count == 1)
    }

    @Test func `cannot grow by aliases beyond the limit of nodes`() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            text += "a\(level): &a\(level) [" + repeatElement("*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        let problem = try #require(read(text).problems.first)
        #expect(problem.message.contains("10000 keys and values"))
        #expect(problem.position.line == 5)
    }

    @Test func `cannot grow by aliases beyond the limit of depth`() throws {
        var text = "- &a0 []\n"
        for level in 1...40 { text += "- &a\(level) [*a\(level - 1)]\n" }
        let problem = try #require(read(text).problems.first)
        #expect(problem.message.contains("32 deep"))
        #expect(problem.position.line == 32)
    }

    @Test(arguments: [32, 33, 500, 100_000])
    func `may be 32 deep and no deeper`(depth: Int) {
        let document = read(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        #expect(document.problems.isEmpty == (depth <= 32))
        #expect((document.root != nil) == (depth <= 32))
    }

    @Test func `may have 10,000 nodes and no more`() {
        #expect(read("[" + repeatElement("a", count: 9_999).joined(separator: ",") + "]").problems.isEmpty)
        #expect(read("[" + repeatElement("a", count: 10_000).joined(separator: ",") + "]").problems.count == 1)
    }

    @Test func `may have a mebibyte and no more`() {
        let line = "#" + String(repeating: "x", count: 1_022) + "\n"
        #expect(read(String(repeating: line, count: 1_024)).problems.isEmpty)
        #expect(read(String(repeating: line, count: 1_024) + "\n").problems.count == 1)
    }

    @Test func `that is damaged in any way never traps and keeps to its limits`() {
        var random = SeededGenerator(seed: 20_261_122)
        let seed = Array(
            """
            # a request
            kind: export
            title: "Nightly \\u00e4 set"
            select: {projects: [kitchen], recorded: {from: 2026-03-01T00:00:00Z}}
            x: &a [1, 0x1F, .5e3, ~]
            y: *a
            exports:
              - format: hdf5
                rate_hz: 30
                text: |
                  block
                more: >-
                  folded
            """.utf8
        )
        let words: [[UInt8]] = [
            "&a ", "*a", "<<: ", "!!str ", "- ", "? ", ": ", "[", "{", "]", "}", "\"", "'", "|", "\n", "\t", "---\n", "%TAG", "\u{FEFF}",
        ]
        .map { Array($0.utf8) }
        for _ in 0..<4_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...20, using: &random)))
                case 2: bytes.insert(contentsOf: bytes.prefix(Int.random(in: 0...40, using: &random)), at: min(place, bytes.count))
                default: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: min(place, bytes.count))
                }
            }
            let document = YAMLReader.read(bytes)
            for problem in document.problems {
                #expect(problem.position.line >= 1 && problem.position.column >= 1)
                #expect(!problem.message.isEmpty)
            }
        }
    }
}
