import Testing
import YAML

@Suite struct `A plain scalar` {
    @Test(arguments: [
        ("", Scalar.Meaning.null), ("~", .null), ("null", .null), ("nULL", .text), ("true", .boolean(true)), ("FALSE", .boolean(false)),
        ("0", .integer(0)), ("-17", .integer(-17)), ("+5", .integer(5)), ("0x1F", .integer(31)), ("0o17", .integer(15)), ("0x", .text),
        ("0x-1", .text), ("9223372036854775807", .integer(.max)), ("9223372036854775808", .decimal(9_223_372_036_854_775_808)),
        ("1.5", .decimal(1.5)), (".5", .decimal(0.5)), ("1.", .decimal(1)), ("1e3", .decimal(1_000)), ("-1.5E-2", .decimal(-0.015)),
        (".inf", .decimal(.infinity)), (".", .text), ("e3", .text), ("1e", .text), ("-", .text), ("1_000", .text), ("12:30", .text),
        ("2026-03-01", .text), ("30s", .text), ("y", .text), ("n", .text), ("nan", .text), ("0b1", .text), ("1.2.3", .text),
    ])
    func `stands for what the core schema says`(text: String, meaning: Scalar.Meaning) {
        #expect(Scalar(text, isPlain: true).meaning == meaning)
    }

    @Test(arguments: ["yes", "No", "ON", "off", "010", "-07", "00"])
    func `that YAML 1.1 and 1.2 read differently says so`(text: String) {
        guard case .ambiguous(let hint) = Scalar(text, isPlain: true).meaning else {
            Issue.record("\(text) is not ambiguous")
            return
        }
        #expect(hint.contains("\"\(text)\""))
    }

    @Test(arguments: ["", "30", "true", "yes", "~"])
    func `in quotes is always a text`(text: String) {
        #expect(Scalar(text, isPlain: false).meaning == .text)
    }
}

@Test func `a quoted text shows nothing that could move a terminal's cursor`() {
    #expect(quoted("a\u{1B}[2J\"b\u{202E}") == "\"a\\u{1b}[2J\\\"b\\u{202e}\"")
    #expect(quoted(String(repeating: "x", count: 100)) == "\"" + String(repeating: "x", count: 60) + "…\"")
}
