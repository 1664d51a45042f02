import FoundationEssentials

/// A program's commands and options as the argument parser describes them (`--experimental-dump-help`).
struct CommandTree: Decodable {
    struct Name: Decodable {
        var kind: String
        var name: String

        /// As it is typed.
        var typed: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    struct Argument: Decodable {
        var kind: String
        var names: [Name]?
        var valueName: String?
        var abstract: String?
        var discussion: String?
        var defaultValue: String?
        var isOptional: Bool
        var isRepeating: Bool
        var shouldDisplay: Bool
    }

    struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?
        var shouldDisplay: Bool?
    }

    var command: Command

    init(_ dump: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(dump.utf8))
    }
}

extension CommandTree.Argument {
    /// `--help` and `--version`, which every command has.
    var isCommon: Bool {
        names?.contains { ["help", "version"].contains($0.name) && $0.kind == "long" } ?? false
    }

    /// How it stands in a synopsis.
    var synopsis: String {
        let value = valueName ?? "value"
        let text =
            switch kind {
            case "positional": Roff.italic(value)
            case "flag": Roff.bold(names?.last?.typed ?? value)
            default: "\(Roff.bold(names?.last?.typed ?? value)) \(Roff.italic(value))"
            }
        let repeated = isRepeating ? "\(text) ..." : text
        return isOptional ? "[\(repeated)]" : repeated
    }

    /// How it is named where it is explained.
    var term: String {
        guard kind != "positional" else { return Roff.italic(valueName ?? "value") }
        let typed = (names ?? []).map { Roff.bold($0.typed) }.joined(separator: ", ")
        return kind == "option" ? "\(typed) \(Roff.italic(valueName ?? "value"))" : typed
    }

    /// What is said of it.
    var explanation: [String] {
        var texts = [abstract, discussion].compactMap(\.self).filter { !$0.isEmpty }
        if let defaultValue, !defaultValue.isEmpty { texts.append("Default: \(defaultValue).") }
        return texts
    }
}
