import Manual
import Testing

@testable import Fields

@Suite struct ManualPageTests {
    private let dump = """
        {"serializationVersion":0,"command":{"commandName":"tool","abstract":"Does things.","discussion":"First.\\n\\n.Second's \\\\ line.",
        "shouldDisplay":true,"arguments":[{"kind":"flag","names":[{"kind":"long","name":"loud"}],"valueName":"loud","isOptional":true,
        "isRepeating":false,"shouldDisplay":true,"abstract":"Says more."},{"kind":"flag","names":[{"kind":"long","name":"secret"}],
        "valueName":"secret","isOptional":true,"isRepeating":false,"shouldDisplay":false}]}}
        """

    @Test("A program's page has its options, and not those that its help leaves out")
    func program() throws {
        let page = try ManualPage(program: dump, section: 8, version: "1", files: [], related: ["other(1)"]).text
        #expect(page.contains(".TH \"TOOL\" \"8\""))
        #expect(page.contains("tool \\- Does things\n"))
        #expect(page.contains("\\fB\\-\\-loud\\fR\nSays more."))
        #expect(!page.contains("secret"))
        #expect(page.contains("\\fBother\\fR(1)"))
    }

    @Test("Text can't become a request of the formatter")
    func escapes() throws {
        let page = try ManualPage(program: dump, section: 8, version: "1", files: [], related: []).text
        #expect(page.contains("\n\\&.Second\\(aqs \\e line.\n"))
    }

    @Test("A format's page has a line for each key, and its example as it is")
    func format() {
        let row = FieldRow(path: "a.b", expected: "a number", defaultText: "3", isRequired: false, doc: "What it is.")
        let page = ManualPage(
            format: "tool.yaml",
            version: "1",
            title: "settings",
            description: "Text.",
            rows: [row],
            example: "# one\n\n.two",
            related: []
        )
        #expect(page.text.contains("\\fBa.b\\fR\nWhat it is.\n.br\na number, default 3\n"))
        #expect(page.text.contains(".nf\n\\&# one\n\\&\n\\&.two\n.fi\n"))
    }
}
