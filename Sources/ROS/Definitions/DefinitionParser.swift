/// Splits a schema's text into definitions and each definition into fields and constants; names are resolved later.
struct DefinitionParser {
    /// A field whose type's name is still text.
    struct UnresolvedField: Hashable {
        var name: String
        var type: String
        var shape: MessageDefinition.Shape
        var traits = MessageDefinition.FieldTraits()
    }

    /// One definition of the text.
    struct Section: Hashable {
        /// `package/Type`.
        var name: String
        var fields: [UnresolvedField] = []
        var constants: [MessageDefinition.Constant] = []
        var extensibility: MessageDefinition.Extensibility?
    }

    /// How many definitions one text may have; real ones stay below a hundred.
    static let maximumSections = 4096
    /// How many fields and constants one definition may have.
    static let maximumMembers = 65_536

    let dialect: MessageDefinition.Dialect

    /// The definitions of a text, the message's own first; repeated identical ones count once.
    func sections(of text: String, name: String) throws(ROSError) -> [Section] {
        let root = try typeName(name, line: 1)
        var sections = [Section(name: root)]
        var known = [root: 0]
        var current = Section(name: root)
        var state = State.body
        var isFirst = true
        func close(_ section: Section, line: Int) throws(ROSError) {
            if isFirst {
                sections[0] = section
                isFirst = false
            } else if let index = known[section.name] {
                guard sections[index] == section else {
                    throw failure(line, "\(section.name) is defined twice, differently")
                }
            } else {
                guard sections.count < Self.maximumSections else {
                    throw failure(line, "there are more than \(Self.maximumSections) definitions")
                }
                known[section.name] = sections.count
                sections.append(section)
            }
        }
        var number = 0
        // CR LF is one Character, so the lines are found among Unicode scalars.
        for raw in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let line = trimmed(raw)
            if line.isEmpty { continue }
            switch state {
            case .title:
                guard line.first == "M", String(line.prefix(4)) == "MSG:" else {
                    if String(line.prefix(4)) == "IDL:" {
                        throw failure(number, "it is written in OMG IDL although its schema says otherwise")
                    }
                    throw failure(number, "a definition's first line must be \"MSG: package/Type\"")
                }
                current = Section(name: try typeName(String(trimmed(line.dropFirst(4))), line: number))
                state = .body
            case .body:
                if line.count >= 3, line.allSatisfy({ $0 == "=" }) {
                    try close(current, line: number)
                    state = .title
                } else {
                    try parse(line, number: number, into: &current)
                }
            }
        }
        // A separator at the very end begins nothing.
        if state == .body { try close(current, line: number) }
        return sections
    }

    private enum State {
        case title
        case body
    }

    private func parse(_ line: Substring.UnicodeScalarView, number: Int, into section: inout Section) throws(ROSError) {
        guard line.first != "#" else { return }
        guard !(line.count >= 3 && line.allSatisfy({ $0 == "-" })) else {
            throw failure(number, "it defines a service or an action, which has no single message layout")
        }
        if String(line.prefix(4)) == "IDL:" { throw failure(number, "it is written in OMG IDL although its schema says otherwise") }
        let type = line.prefix { !isBlank($0) && $0 != "#" }
        let rest = trimmed(line.dropFirst(type.count))
        let name = rest.prefix { isNamePart($0) }
        guard !name.isEmpty, !isDigit(name.first) else { throw failure(number, "a field needs a type and a name") }
        guard section.fields.count + section.constants.count < Self.maximumMembers else {
            throw failure(number, "\(section.name) has more than \(Self.maximumMembers) fields")
        }
        let behind = rest.dropFirst(name.count)
        guard behind.first.map({ isBlank($0) || $0 == "=" || $0 == "#" }) ?? true else {
            throw failure(number, "\"\(String(rest))\" does not begin with a field's name")
        }
        let tail = trimmed(behind)
        if tail.first == "=" {
            let value = constantValue(trimmed(tail.dropFirst()), isString: isStringType(type))
            section.constants.append(.init(name: String(name), type: String(type), value: value))
            return
        }
        // What follows the name of a ROS 2 field is its default, which the wire does not know.
        guard tail.isEmpty || tail.first == "#" || dialect == .ros2 else {
            throw failure(number, "there is something after the field's name")
        }
        let (element, shape) = try fieldType(type, line: number)
        let traits = MessageDefinition.FieldTraits(id: UInt32(section.fields.count))
        section.fields.append(UnresolvedField(name: String(name), type: element, shape: shape, traits: traits))
    }

    /// Takes `type`, `type[]`, `type[N]`, `type[<=N]` and `string<=N` apart.
    private func fieldType(_ text: Substring.UnicodeScalarView, line: Int) throws(ROSError) -> (String, MessageDefinition.Shape) {
        var element = text
        var shape = MessageDefinition.Shape.single
        if let open = text.firstIndex(of: "[") {
            let inner = text[text.index(after: open)...].dropLast()
            guard text.last == "]", text[open...].count >= 2 else { throw failure(line, "\"\(String(text))\" is not a type") }
            element = text[..<open]
            if inner.isEmpty {
                shape = .sequence
            } else if inner.starts(with: "<=".unicodeScalars) {
                guard bound(inner.dropFirst(2)) != nil else { throw failure(line, "\"\(String(text))\" has no valid bound") }
                shape = .sequence
            } else {
                guard let count = bound(inner) else { throw failure(line, "\"\(String(text))\" has no valid length") }
                shape = .fixed(count)
            }
        }
        if let less = element.firstIndex(of: "<") {
            let limit = element[less...]
            guard limit.starts(with: "<=".unicodeScalars), bound(limit.dropFirst(2)) != nil, isStringType(element[..<less]) else {
                throw failure(line, "\"\(String(text))\" has no valid bound")
            }
            element = element[..<less]
        }
        guard isTypeReference(element) else { throw failure(line, "\"\(String(text))\" is not a type") }
        return (MessageDefinition.normalisedName(String(element)), shape)
    }

    /// A length or a bound: decimal digits that fit 32 bits, as a count on the wire does.
    private func bound(_ text: Substring.UnicodeScalarView) -> Int? {
        guard !text.isEmpty, text.allSatisfy({ isDigit($0) }), let value = UInt32(String(text)) else { return nil }
        return Int(value)
    }

    /// A string constant of ROS 1 is the rest of the line, number signs included; one of ROS 2 stands in quotes.
    private func constantValue(_ text: Substring.UnicodeScalarView, isString: Bool) -> String {
        guard isString else { return String(trimmed(text.prefix { $0 != "#" })) }
        guard dialect == .ros2, let quote = text.first, quote == "\"" || quote == "'" else { return String(text) }
        var value = Substring.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.dropFirst() {
            if !isEscaped, scalar == quote { break }
            isEscaped = !isEscaped && scalar == "\\"
            if !isEscaped { value.append(scalar) }
        }
        return String(value)
    }

    private func isStringType(_ type: Substring.UnicodeScalarView) -> Bool {
        let name = String(type.prefix { $0 != "<" })
        return name == "string" || name == "wstring"
    }

    /// The name of a schema or of a dependency as `package/Type`.
    private func typeName(_ text: String, line: Int) throws(ROSError) -> String {
        let name = MessageDefinition.normalisedName(text)
        guard isTypeReference(Substring(name).unicodeScalars), name.utf8.contains(UInt8(ascii: "/")) else {
            throw failure(line, "\"\(text)\" is not a message's name (package/Type)")
        }
        return name
    }

    private func isTypeReference(_ text: Substring.UnicodeScalarView) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return (1...3).contains(parts.count)
            && parts.allSatisfy { part in !part.isEmpty && !isDigit(part.first) && part.allSatisfy { isNamePart($0) } }
    }

    private func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }

    private func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return ("0"..."9").contains(scalar)
    }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\u{0}"
    }

    private func trimmed(_ text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var text = text.drop { isBlank($0) }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    private func failure(_ line: Int, _ what: String) -> ROSError {
        ROSError(.definition, "Line \(line) of the message definition cannot be used: \(what).")
    }
}
