/// Reads the part of OMG IDL 4.2 that ROS 2 writes, and what DDS tools commonly add to it.
struct IDLParser {
    /// How deep modules may nest and sequences stand in each other.
    static let maximumDepth = 32
    /// How many words and signs a constant value may have.
    static let maximumExpression = 1024

    private let tokens: [IDLLexer.Token]
    private var position = 0
    private var declarations = IDLDeclarations()

    /// Everything that a text declares.
    static func declarations(of text: String) throws(ROSError) -> IDLDeclarations {
        var parser = IDLParser(tokens: try IDLLexer.tokens(of: text))
        while parser.position < parser.tokens.count { try parser.definition(scope: []) }
        return parser.declarations
    }

    private init(tokens: [IDLLexer.Token]) {
        self.tokens = tokens
    }

    // MARK: - Definitions

    private mutating func definition(scope: [String]) throws(ROSError) {
        let annotations = try annotations()
        if take(";") { return }
        let line = line
        let keyword = try word("a definition")
        switch keyword {
        case "module":
            guard scope.count < Self.maximumDepth else { throw failure("modules nest more than \(Self.maximumDepth) deep") }
            let inner = scope + [try word("a module's name")]
            try expect("{")
            while !take("}") { try definition(scope: inner) }
        case "struct": try structure(scope, annotations, line: line)
        case "enum": try enumeration(scope, annotations)
        case "typedef":
            let type = try type(scope)
            for declarator in try declarators(type, scope) {
                let key = (scope + [declarator.name]).joined(separator: "/")
                try declare(&declarations.typedefs, key, declarator) { $0.spelling == $1.spelling }
            }
        case "const":
            let type = try type(scope)
            let path = scope + [try word("a constant's name")]
            try expect("=")
            let value = try expression(scope, until: [";"])
            let key = path.joined(separator: "/")
            if declarations.constants[key] == nil { declarations.constantOrder.append(path) }
            try declare(&declarations.constants, key, .init(type: type, value: value)) {
                $0.type.spelling == $1.type.spelling && $0.value.spelling == $1.value.spelling
            }
        case "union", "bitset", "bitmask", "interface", "exception", "valuetype":
            var path = scope
            if token?.kind == .word { path.append(try word("a name")) }
            let article = keyword == "interface" || keyword == "exception" ? "an" : "a"
            declarations.unusable[path.joined(separator: "/")] = "\(article) \(keyword), which is not supported"
            try skipDeclaration()
            return
        default:
            throw failure("\"\(keyword)\" does not begin a definition that is supported", line)
        }
        try expect(";")
    }

    private mutating func structure(
        _ scope: [String],
        _ annotations: IDLDeclarations.Annotations,
        line: Int
    ) throws(ROSError) {
        let path = scope + [try word("a structure's name")]
        // A structure may be named before it is written.
        if token?.text == ";" { return }
        var base: IDLDeclarations.Reference?
        if take(":") { base = try reference(scope) }
        try expect("{")
        var members: [IDLDeclarations.Declarator] = []
        while !take("}") {
            let own = try self.annotations()
            let type = try type(scope)
            for var declarator in try declarators(type, scope) {
                declarator.annotations = own
                guard members.count < DefinitionParser.maximumMembers else {
                    throw failure("\(path.joined(separator: "::")) has more than \(DefinitionParser.maximumMembers) members")
                }
                members.append(declarator)
            }
            try expect(";")
        }
        guard declarations.structures.count < 2 * DefinitionParser.maximumSections else {
            throw failure("there are more than \(2 * DefinitionParser.maximumSections) structures")
        }
        declarations.structures.append(.init(path: path, base: base, members: members, annotations: annotations, line: line))
    }

    private mutating func enumeration(_ scope: [String], _ annotations: IDLDeclarations.Annotations) throws(ROSError) {
        let path = scope + [try word("an enumeration's name")]
        try expect("{")
        var next = 0
        while !take("}") {
            _ = try self.annotations()
            let name = try word("an enumerator's name")
            // Enumerators stand beside their enumeration, and are reached through it too.
            for key in [(scope + [name]).joined(separator: "/"), (path + [name]).joined(separator: "/")] {
                declarations.enumerators[key] = next
            }
            next += 1
            if !take(","), token?.text != "}" { throw failure("an enumeration's names stand with commas between them") }
        }
        declarations.enumerations[path.joined(separator: "/")] = annotations.bitBound ?? 32
    }

    private func declare<Value>(
        _ table: inout [String: Value],
        _ key: String,
        _ value: Value,
        _ isSame: (Value, Value) -> Bool
    ) throws(ROSError) {
        if let known = table[key], !isSame(known, value) { throw failure("\(key) is defined twice, differently") }
        table[key] = value
    }

    // MARK: - Types

    private mutating func type(_ scope: [String], depth: Int = 0) throws(ROSError) -> IDLDeclarations.TypeSpec {
        guard depth < Self.maximumDepth else { throw failure("sequences nest more than \(Self.maximumDepth) deep") }
        let line = line
        guard let token, token.kind == .word else { return .named(try reference(scope)) }
        switch token.text {
        case "sequence":
            position += 1
            try expect("<")
            let element = try type(scope, depth: depth + 1)
            let bound = take(",") ? try expression(scope, until: [">"]) : nil
            try expect(">")
            return .sequence(element, bound: bound, line: line)
        case "string", "wstring":
            position += 1
            if take("<") {
                _ = try expression(scope, until: [">"])
                try expect(">")
            }
            return .builtin(token.text)
        case "map", "fixed", "any", "Object", "wchar", "long", "unsigned", "short", "float", "double", "char", "octet", "boolean",
            "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
            return .builtin(try builtin())
        default:
            return .named(try reference(scope))
        }
    }

    private mutating func builtin() throws(ROSError) -> String {
        var words = [try word("a type")]
        func isNext(_ text: String) -> Bool { token?.text == text }
        switch words[0] {
        case "unsigned":
            words.append(try word("a type after unsigned"))
            if words[1] == "long", isNext("long") { words.append(try word("long")) }
        case "long":
            if isNext("long") || isNext("double") { words.append(try word("long")) }
        default: break
        }
        switch words.joined(separator: " ") {
        case "boolean": return "bool"
        case "octet", "uint8", "char": return "uint8"
        case "int8": return "int8"
        case "short", "int16": return "int16"
        case "unsigned short", "uint16": return "uint16"
        case "long", "int32": return "int32"
        case "unsigned long", "uint32": return "uint32"
        case "long long", "int64": return "int64"
        case "unsigned long long", "uint64": return "uint64"
        case "float": return "float32"
        case "double": return "float64"
        case let name: throw failure("it uses the type \(name), which is not supported")
        }
    }

    private mutating func reference(_ scope: [String]) throws(ROSError) -> IDLDeclarations.Reference {
        let line = line
        let isAbsolute = take("::")
        var path = [try word("a type")]
        while take("::") {
            guard path.count <= Self.maximumDepth else { throw failure("a name has more than \(Self.maximumDepth) parts") }
            path.append(try word("a name after ::"))
        }
        return .init(path: path, isAbsolute: isAbsolute, scope: scope, line: line)
    }

    private mutating func declarators(
        _ type: IDLDeclarations.TypeSpec,
        _ scope: [String]
    ) throws(ROSError) -> [IDLDeclarations.Declarator] {
        var declarators: [IDLDeclarations.Declarator] = []
        let typeSpelling = type.spelling
        repeat {
            let line = line
            var name = try word("a name")
            // An underscore in front keeps a name from being a keyword and is no part of it.
            if name.hasPrefix("_") { name.removeFirst() }
            var dimensions: [IDLDeclarations.Expression] = []
            while take("[") {
                guard dimensions.count < Self.maximumDepth else { throw failure("an array has more than \(Self.maximumDepth) dimensions") }
                dimensions.append(try expression(scope, until: ["]"]))
                try expect("]")
            }
            declarators.append(.init(name: name, type: type, typeSpelling: typeSpelling, dimensions: dimensions, line: line))
        } while take(",")
        return declarators
    }

    private mutating func expression(_ scope: [String], until ends: Set<String>) throws(ROSError) -> IDLDeclarations.Expression {
        let start = position
        let line = line
        var open = 0
        while let token, open > 0 || token.kind != .sign || !ends.contains(token.text) {
            if token.kind == .sign {
                if token.text == "(" { open += 1 }
                if token.text == ")" { open -= 1 }
                if token.text == ";" || token.text == "{" || token.text == "}" { throw failure("a constant value does not end") }
            }
            position += 1
        }
        guard position > start, position - start <= Self.maximumExpression else {
            throw failure("there is no value where one is needed, or one too long")
        }
        return .init(tokens: tokens[start..<position], scope: scope, line: line)
    }

    // MARK: - Annotations

    private mutating func annotations() throws(ROSError) -> IDLDeclarations.Annotations {
        var result = IDLDeclarations.Annotations()
        while take("@") {
            let name = try reference([]).path.joined(separator: "::")
            var arguments: ArraySlice<IDLLexer.Token> = []
            if take("(") {
                let start = position
                var open = 1
                while open > 0 {
                    guard let token else { throw failure("an annotation does not end") }
                    if token.kind == .sign { open += token.text == "(" ? 1 : token.text == ")" ? -1 : 0 }
                    position += 1
                }
                arguments = tokens[start..<position - 1]
            }
            try apply(name, arguments, to: &result)
        }
        return result
    }

    private func apply(
        _ name: String,
        _ arguments: ArraySlice<IDLLexer.Token>,
        to result: inout IDLDeclarations.Annotations
    ) throws(ROSError) {
        let value = arguments.last
        switch name {
        case "final": result.extensibility = .final
        case "appendable": result.extensibility = .appendable
        case "mutable": result.extensibility = .mutable
        case "extensibility":
            switch value?.text {
            case "FINAL": result.extensibility = .final
            case "APPENDABLE": result.extensibility = .appendable
            case "MUTABLE": result.extensibility = .mutable
            default: throw failure("@extensibility is FINAL, APPENDABLE or MUTABLE")
            }
        case "optional": result.isOptional = value?.text.uppercased() != "FALSE"
        case "id":
            guard case .integer(let id)? = value?.kind, id >= 0, id <= 0x0FFF_FFFF else {
                throw failure("@id needs a number below 2^28")
            }
            result.id = UInt32(id)
        case "hashid": result.hashesNames = true
        case "autoid": result.hashesNames = value?.text == "HASH"
        case "bit_bound":
            guard case .integer(let bits)? = value?.kind else { throw failure("@bit_bound needs a number") }
            result.bitBound = bits
        // The rest says nothing about the wire: @verbatim, @key, @default, @unit, @range, @nested, @topic …
        default: break
        }
    }

    // MARK: - Tokens

    private var token: IDLLexer.Token? { position < tokens.count ? tokens[position] : nil }

    private var line: Int { (token ?? tokens.last)?.line ?? 1 }

    private mutating func take(_ sign: String) -> Bool {
        guard let token, token.kind == .sign, token.text == sign else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ sign: String) throws(ROSError) {
        guard take(sign) else { throw failure("\"\(sign)\" is missing before \(token.map { "\"\($0.text)\"" } ?? "the end")") }
    }

    private mutating func word(_ what: String) throws(ROSError) -> String {
        guard let token, token.kind == .word else {
            throw failure("\(what) is missing before \(token.map { "\"\($0.text)\"" } ?? "the end")")
        }
        position += 1
        return token.text
    }

    /// Steps over the rest of a declaration, with whatever it has in braces.
    private mutating func skipDeclaration() throws(ROSError) {
        var open = 0
        while let token {
            position += 1
            guard token.kind == .sign else { continue }
            if token.text == "{" { open += 1 }
            if token.text == "}" { open -= 1 }
            if token.text == ";", open <= 0 { return }
        }
        throw failure("a declaration does not end")
    }

    private func failure(_ what: String, _ line: Int? = nil) -> ROSError {
        ROSError(.definition, "Line \(line ?? self.line) of the message definition (IDL) cannot be used: \(what).")
    }
}
