public import Fields

/// A manual page, made from the same definitions as `--help`, the parsers and the JSON Schema.
public struct ManualPage: Sendable {
    /// The page in the language of man(7), as UTF-8 text with a final line end.
    public let text: String

    /// A program's page.
    ///
    /// - Parameters:
    ///   - dump: the program's commands and options, as its argument parser describes them.
    ///   - section: 1 for everyone's programs, 8 for administrators'.
    ///   - version: the program's version.
    ///   - files: paths that the program uses, with what they are.
    ///   - related: other pages, such as `exportctl(1)`.
    /// - Throws: what is wrong with the description.
    public init(
        program dump: String,
        section: Int,
        version: String,
        files: [(path: String, meaning: String)],
        related: [String]
    ) throws {
        let command = try CommandTree(dump).command
        var roff = Roff()
        Self.begin(&roff, command.commandName, section, version, command.abstract ?? "")
        roff.macro("SH", "SYNOPSIS")
        let subcommands = (command.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
        let own = (command.arguments ?? []).filter(\.shouldDisplay)
        if subcommands.isEmpty {
            roff.raw(([Roff.bold(command.commandName)] + own.map(\.synopsis)).joined(separator: " "))
        } else {
            roff.raw("\(Roff.bold(command.commandName)) \(Roff.italic("command")) [\(Roff.italic("argument")) ...]")
        }
        roff.macro("SH", "DESCRIPTION")
        if let discussion = command.discussion { roff.text(discussion) }
        if !subcommands.isEmpty {
            roff.macro("SH", "COMMANDS")
            for subcommand in subcommands { Self.describe(subcommand, below: [], &roff) }
        }
        if !own.isEmpty {
            roff.macro("SH", "OPTIONS")
            for argument in own { roff.entry(argument.term, argument.explanation) }
        }
        if !files.isEmpty {
            roff.macro("SH", "FILES")
            for file in files { roff.entry(Roff.italic(file.path), [file.meaning]) }
        }
        Self.end(&roff, related)
        text = roff.lines.joined(separator: "\n") + "\n"
    }

    /// A file format's page.
    ///
    /// - Parameters:
    ///   - name: the page's name, such as `exportd.yaml`.
    ///   - title: what it is, in a few words.
    ///   - description: how it is used; empty lines begin paragraphs.
    ///   - rows: its keys.
    ///   - example: a file of the format.
    public init(
        format name: String,
        version: String,
        title: String,
        description: String,
        rows: [FieldRow],
        example: String,
        related: [String]
    ) {
        var roff = Roff()
        Self.begin(&roff, name, 5, version, title)
        roff.macro("SH", "DESCRIPTION")
        roff.text(description)
        roff.macro("SH", "KEYS")
        for row in rows { roff.entry(Roff.bold(row.path), row.lines) }
        roff.macro("SH", "EXAMPLE")
        roff.macro("nf")
        for line in example.split(separator: "\n", omittingEmptySubsequences: false) {
            roff.raw("\\&\(Roff.escaped(String(line)))")
        }
        roff.macro("fi")
        Self.end(&roff, related)
        text = roff.lines.joined(separator: "\n") + "\n"
    }

    private static func describe(_ command: CommandTree.Command, below parents: [String], _ roff: inout Roff) {
        let names = parents + [command.commandName]
        let inner = (command.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
        guard inner.isEmpty else {
            for subcommand in inner { describe(subcommand, below: names, &roff) }
            return
        }
        roff.macro("SS", names.joined(separator: " "))
        let arguments = (command.arguments ?? []).filter { $0.shouldDisplay && !$0.isCommon }
        roff.raw(([Roff.bold(names.joined(separator: " "))] + arguments.map(\.synopsis)).joined(separator: " "))
        roff.macro("PP")
        for text in [command.abstract, command.discussion].compactMap(\.self) where !text.isEmpty { roff.text(text) }
        for argument in arguments { roff.entry(argument.term, argument.explanation) }
    }

    private static func begin(_ roff: inout Roff, _ name: String, _ section: Int, _ version: String, _ title: String) {
        roff.macro("TH", name.uppercased(), "\(section)", "", "exportd \(version)", "exportd")
        roff.macro("SH", "NAME")
        roff.raw("\(Roff.escaped(name)) \\- \(Roff.escaped(title.hasSuffix(".") ? String(title.dropLast()) : title))")
    }

    private static func end(_ roff: inout Roff, _ related: [String]) {
        guard !related.isEmpty else { return }
        roff.macro("SH", "SEE ALSO")
        let pages = related.map { page -> String in
            let parts = page.split(separator: "(")
            return parts.count == 2 ? "\(Roff.bold(String(parts[0])))(\(parts[1])" : Roff.escaped(page)
        }
        roff.raw(pages.joined(separator: ", "))
    }
}
