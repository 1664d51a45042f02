/// Turns what a text in IDL declares into definitions: names resolved, constants worked out, aliases followed.
struct IDLResolver {
    private let declarations: IDLDeclarations
    /// Positions among the structures, by path joined with `/`.
    private var structures: [String: Int] = [:]
    private let values = KnownValues()

    /// What has been worked out, so that nothing is worked out twice: one bound may stand for many thousand members, and one
    /// alias behind as many.
    private final class KnownValues {
        /// Constants, by path.
        var byPath: [String: Int] = [:]
        /// Expressions, by where they begin in the text.
        var byPosition: [Int: Int] = [:]
        /// Types behind aliases, by path.
        var aliases: [String: ResolvedType] = [:]
    }

    /// How many fields all definitions together may have.
    static let maximumFields = 1 << 20

    /// - Throws: `ROSError` where a structure is declared twice, differently.
    init(_ declarations: IDLDeclarations) throws(ROSError) {
        self.declarations = declarations
        for (index, structure) in declarations.structures.enumerated() {
            let key = structure.path.joined(separator: "/")
            if let known = structures[key] {
                guard Self.isSame(declarations.structures[known], structure) else {
                    throw Self.failure(structure.line, "\(structure.path.joined(separator: "::")) is defined twice, differently")
                }
            } else {
                structures[key] = index
            }
        }
    }

    /// The definitions, the one named first.
    func sections(root name: String) throws(ROSError) -> [DefinitionParser.Section] {
        let wanted = name.split(separator: ":", omittingEmptySubsequences: true).joined(separator: "/")
        let normalised = MessageDefinition.normalisedName(wanted)
        let order = structures.sorted { $0.value < $1.value }
        guard let root = order.first(where: { $0.key == wanted || MessageDefinition.normalisedName($0.key) == normalised }) else {
            throw ROSError(.definition, "The message definition (IDL) does not define \(name).")
        }
        var sections: [DefinitionParser.Section] = []
        // Only what the message uses, so that a union elsewhere in the text does no harm.
        var fields = 0
        var pending = [root.value]
        var seen: Set<Int> = [root.value]
        while let index = pending.popLast() {
            let section = try section(declarations.structures[index])
            for field in section.fields {
                guard let child = structures[field.type], seen.insert(child).inserted else { continue }
                pending.append(child)
            }
            sections.append(section)
            fields += section.fields.count
            guard fields <= Self.maximumFields, sections.count <= DefinitionParser.maximumSections else {
                throw ROSError(.definition, "The message definition (IDL) of \(name) is too large.")
            }
        }
        var names: Set<String> = []
        for index in sections.indices {
            sections[index].name = MessageDefinition.normalisedName(sections[index].name)
            guard names.insert(sections[index].name).inserted else {
                throw ROSError(.definition, "The message definition (IDL) has two structures that ROS calls \(sections[index].name).")
            }
            for field in sections[index].fields.indices where structures[sections[index].fields[field].type] != nil {
                sections[index].fields[field].type = MessageDefinition.normalisedName(sections[index].fields[field].type)
            }
        }
        return sections
    }

    private func section(_ structure: IDLDeclarations.Structure) throws(ROSError) -> DefinitionParser.Section {
        var section = DefinitionParser.Section(name: structure.path.joined(separator: "/"))
        section.extensibility = structure.annotations.extensibility
        section.constants = try constants(of: structure)
        var chain = [structure]
        while let base = chain[0].base {
            guard case .structure(let index) = try resolve(base), chain.count < IDLParser.maximumDepth else {
                throw Self.failure(base.line, "\(base.path.joined(separator: "::")) is no structure that another can be built on")
            }
            chain.insert(declarations.structures[index], at: 0)
        }
        var next: UInt32 = 0
        for structure in chain {
            guard !structure.annotations.hashesNames, !structure.members.contains(where: { $0.annotations.hashesNames }) else {
                throw Self.failure(structure.line, "member ids made from names (@hashid, @autoid(HASH)) are not supported")
            }
            for member in structure.members {
                // The byte that IDL asks for in an empty structure is no field of the message.
                if chain.count == 1, structure.members.count == 1, member.name == "structure_needs_at_least_one_member" { continue }
                var field = try field(member)
                field.traits.id = member.annotations.id ?? next
                field.traits.isOptional = member.annotations.isOptional
                next = field.traits.id &+ 1
                section.fields.append(field)
                guard section.fields.count <= DefinitionParser.maximumMembers else {
                    throw Self.failure(member.line, "\(section.name) has more than \(DefinitionParser.maximumMembers) members")
                }
            }
        }
        return section
    }

    /// ROS 2 puts the constants of a message into a module named after it.
    private func constants(of structure: IDLDeclarations.Structure) throws(ROSError) -> [MessageDefinition.Constant] {
        var module = structure.path
        module[module.count - 1] += "_Constants"
        var constants: [MessageDefinition.Constant] = []
        for path in declarations.constantOrder where path.count == module.count + 1 && path.starts(with: module) {
            guard let constant = declarations.constants[path.joined(separator: "/")], let name = path.last else { continue }
            let type = try type(constant.type, line: constant.value.line).name
            let text: String
            switch type {
            case "string", "wstring": text = constant.value.tokens.map(\.text).joined()
            case "bool", "float32", "float64": text = constant.value.tokens.map(\.text).joined()
            default: text = String(try value(of: constant.value))
            }
            constants.append(.init(name: name, type: type, value: text))
        }
        return constants
    }

    // MARK: - Types

    private struct ResolvedType {
        var name: String
        var shape = MessageDefinition.Shape.single
        var isEnumeration = false
    }

    private func field(_ member: IDLDeclarations.Declarator) throws(ROSError) -> DefinitionParser.UnresolvedField {
        let type = try declared(member, depth: 0)
        return .init(
            name: member.name,
            type: type.name,
            shape: type.shape,
            traits: .init(isEnumeration: type.isEnumeration)
        )
    }

    /// The type of a declarator: its own type, and the dimensions behind its name.
    private func declared(_ declarator: IDLDeclarations.Declarator, depth: Int) throws(ROSError) -> ResolvedType {
        var type = try type(declarator.type, line: declarator.line, depth: depth)
        guard !declarator.dimensions.isEmpty else { return type }
        var count = 1
        if case .fixed(let inner) = type.shape { count = inner }
        guard type.shape != .sequence else {
            throw Self.failure(declarator.line, "\(declarator.name) is an array of sequences, which is not supported")
        }
        for dimension in declarator.dimensions {
            let size = try value(of: dimension)
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size > 0, !overflow, product <= Int(UInt32.max) else {
                throw Self.failure(declarator.line, "\(declarator.name) has no valid length")
            }
            count = product
        }
        type.shape = .fixed(count)
        return type
    }

    private func type(_ spec: IDLDeclarations.TypeSpec, line: Int, depth: Int = 0) throws(ROSError) -> ResolvedType {
        guard depth < IDLParser.maximumDepth else { throw Self.failure(line, "a type is an alias of itself, or of too many others") }
        switch spec {
        case .builtin(let name): return ResolvedType(name: name)
        case .sequence(let element, let bound, let line):
            if let bound {
                let size = try value(of: bound)
                guard size > 0, size <= Int(UInt32.max) else { throw Self.failure(line, "a sequence has no valid bound") }
            }
            var type = try type(element, line: line, depth: depth + 1)
            guard type.shape == .single else { throw Self.failure(line, "a sequence of sequences or arrays is not supported") }
            type.shape = .sequence
            return type
        case .named(let reference):
            switch try resolve(reference) {
            case .structure(let index): return ResolvedType(name: declarations.structures[index].path.joined(separator: "/"))
            case .alias(let key, let declarator):
                if let known = values.aliases[key] { return known }
                let type = try declared(declarator, depth: depth + 1)
                values.aliases[key] = type
                return type
            case .enumeration(let bits):
                guard bits == 32 else { throw Self.failure(reference.line, "an enumeration of \(bits) bits is not supported") }
                return ResolvedType(name: "uint32", isEnumeration: true)
            }
        }
    }

    private enum Referent {
        case structure(Int)
        case alias(String, IDLDeclarations.Declarator)
        case enumeration(Int)
    }

    /// What a name means where it stands: the innermost module that has it.
    private func resolve(_ reference: IDLDeclarations.Reference) throws(ROSError) -> Referent {
        for key in Self.candidates(reference) {
            if let index = structures[key] { return .structure(index) }
            if let declarator = declarations.typedefs[key] { return .alias(key, declarator) }
            if let bits = declarations.enumerations[key] { return .enumeration(bits) }
            if let why = declarations.unusable[key] {
                throw Self.failure(reference.line, "\(reference.path.joined(separator: "::")) is \(why)")
            }
        }
        throw Self.failure(reference.line, "it uses the type \(reference.path.joined(separator: "::")), which its schema does not define")
    }

    private static func candidates(_ reference: IDLDeclarations.Reference) -> [String] {
        let name = reference.path.joined(separator: "/")
        guard !reference.isAbsolute else { return [name] }
        return (0...reference.scope.count).reversed().map { depth in
            depth == 0 ? name : reference.scope[..<depth].joined(separator: "/") + "/" + name
        }
    }

    // MARK: - Constants

    /// The value of an expression of integers.
    private func value(of expression: IDLDeclarations.Expression, depth: Int = 0) throws(ROSError) -> Int {
        guard depth < IDLParser.maximumDepth else {
            throw Self.failure(expression.line, "a constant is made from itself, or from too many others")
        }
        let position = expression.tokens.startIndex
        if let known = values.byPosition[position] { return known }
        var evaluator = IDLEvaluator(expression)
        let result = try evaluator.value { (reference) throws(ROSError) in
            for key in Self.candidates(reference) {
                if let known = values.byPath[key] { return known }
                if let constant = declarations.constants[key] {
                    let value = try value(of: constant.value, depth: depth + 1)
                    values.byPath[key] = value
                    return value
                }
                if let number = declarations.enumerators[key] { return number }
            }
            throw Self.failure(reference.line, "\(reference.path.joined(separator: "::")) is no constant that its schema defines")
        }
        values.byPosition[position] = result
        return result
    }

    private static func isSame(_ one: IDLDeclarations.Structure, _ other: IDLDeclarations.Structure) -> Bool {
        one.base?.path == other.base?.path && one.annotations == other.annotations
            && one.members.map(\.spelling) == other.members.map(\.spelling)
    }

    private static func failure(_ line: Int, _ what: String) -> ROSError {
        ROSError(.definition, "Line \(line) of the message definition (IDL) cannot be used: \(what).")
    }
}
