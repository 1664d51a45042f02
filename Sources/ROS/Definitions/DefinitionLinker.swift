/// Resolves the names of types between the definitions of one text and refuses what cannot be laid out.
struct DefinitionLinker {
    private let sections: [DefinitionParser.Section]
    private let dialect: MessageDefinition.Dialect
    /// Sections by full name.
    private var indices: [String: Int] = [:]
    /// Sections by the name without its package; nil where several packages have one.
    private var shortNames: [String: Int?] = [:]

    init(sections: [DefinitionParser.Section], dialect: MessageDefinition.Dialect) {
        self.dialect = dialect
        self.sections = sections + Self.builtins(dialect).filter { builtin in !sections.contains { $0.name == builtin.name } }
        for (index, section) in self.sections.enumerated() {
            indices[section.name] = index
            guard index < sections.count else { continue }
            let short = Self.shortName(section.name)
            shortNames[short] = .some(shortNames[short] == nil ? index : nil)
        }
    }

    /// The linked types, the message's own first.
    mutating func link() throws(ROSError) -> [MessageDefinition.MessageType] {
        var types: [MessageDefinition.MessageType] = []
        for section in sections {
            var fields: [MessageDefinition.Field] = []
            var names: Set<String> = []
            for field in section.fields {
                guard names.insert(field.name).inserted else {
                    throw ROSError(.definition, "The message definition \(section.name) has two fields named \(field.name).")
                }
                fields.append(
                    .init(name: field.name, element: try element(field.type, in: section), shape: field.shape, traits: field.traits)
                )
            }
            types.append(
                .init(
                    name: section.name,
                    fields: fields,
                    constants: section.constants,
                    time: timeKind(section.name, fields),
                    extensibility: section.extensibility
                )
            )
        }
        try checkNesting(types)
        return types
    }

    private func element(_ type: String, in section: DefinitionParser.Section) throws(ROSError) -> MessageDefinition.Element {
        switch type {
        case "bool": return .primitive(.bool)
        case "int8": return .primitive(.int8)
        case "uint8", "char": return .primitive(.uint8)
        case "byte": return .primitive(dialect == .ros1 ? .int8 : .uint8)
        case "int16": return .primitive(.int16)
        case "uint16": return .primitive(.uint16)
        case "int32": return .primitive(.int32)
        case "uint32": return .primitive(.uint32)
        case "int64": return .primitive(.int64)
        case "uint64": return .primitive(.uint64)
        case "float32": return .primitive(.float32)
        case "float64": return .primitive(.float64)
        case "string": return .string
        case "wstring" where dialect == .ros2: return .wideString
        default: break
        }
        guard let index = message(type, in: section) else {
            throw ROSError(.definition, "The message definition \(section.name) uses the type \(type), which its schema does not define.")
        }
        return .message(index)
    }

    /// A message by the name that a field of another message uses: as written, then in the same package, then by its
    /// name alone where only one package has it.
    private func message(_ type: String, in section: DefinitionParser.Section) -> Int? {
        if let index = indices[type] { return index }
        guard !type.utf8.contains(UInt8(ascii: "/")) else { return nil }
        if dialect == .ros1, type == "Header", let index = indices["std_msgs/Header"] { return index }
        if dialect == .ros2, type == "time" { return indices["builtin_interfaces/Time"] }
        if dialect == .ros2, type == "duration" { return indices["builtin_interfaces/Duration"] }
        let package = section.name.split(separator: "/").first ?? ""
        return indices["\(package)/\(type)"] ?? shortNames[type] ?? nil
    }

    private func timeKind(_ name: String, _ fields: [MessageDefinition.Field]) -> MessageDefinition.TimeKind? {
        let isPair =
            fields.count == 2
            && fields.allSatisfy {
                $0.shape == .single && !$0.traits.isOptional && [.primitive(.int32), .primitive(.uint32)].contains($0.element)
            }
        guard isPair else { return nil }
        switch name {
        case "time", "builtin_interfaces/Time": return .instant
        case "duration", "builtin_interfaces/Duration": return .duration
        default: return nil
        }
    }

    /// Refuses messages that contain themselves or nest deeper than the limit, without recursion.
    private func checkNesting(_ types: [MessageDefinition.MessageType]) throws(ROSError) {
        let children = types.map { type in
            Set(type.fields.compactMap { field -> Int? in if case .message(let index) = field.element { index } else { nil } })
        }
        // Types are removed from the leaves up; what cannot be removed contains itself.
        var parents = [[Int]](repeating: [], count: types.count)
        for (parent, set) in children.enumerated() { for child in set { parents[child].append(parent) } }
        var open = children.map(\.count)
        var depth = [Int](repeating: 1, count: types.count)
        var ready = open.indices.filter { open[$0] == 0 }
        var removed = 0
        while let type = ready.popLast() {
            removed += 1
            for parent in parents[type] {
                depth[parent] = max(depth[parent], depth[type] + 1)
                open[parent] -= 1
                if open[parent] == 0 { ready.append(parent) }
            }
        }
        if removed < types.count, let index = open.firstIndex(where: { $0 > 0 }) {
            throw ROSError(.definition, "The message definition \(types[0].name) cannot be used: \(types[index].name) contains itself.")
        }
        guard depth[0] <= MessageDefinition.maximumDepth else {
            throw ROSError(
                .definition,
                "The message definition \(types[0].name) nests \(depth[0]) deep; at most \(MessageDefinition.maximumDepth) levels are supported."
            )
        }
    }

    private static func shortName(_ name: String) -> String {
        String(name.split(separator: "/").last ?? "")
    }

    /// Types that definitions use without containing them: ROS 1 has time stamps as primitives, and some writers of
    /// ROS 2 schemas leave `builtin_interfaces` out.
    private static func builtins(_ dialect: MessageDefinition.Dialect) -> [DefinitionParser.Section] {
        func pair(_ name: String, _ seconds: String, _ nanosecondsName: String, _ nanoseconds: String) -> DefinitionParser.Section {
            .init(
                name: name,
                fields: [
                    .init(name: "sec", type: seconds, shape: .single),
                    .init(name: nanosecondsName, type: nanoseconds, shape: .single, traits: .init(id: 1)),
                ]
            )
        }
        return switch dialect {
        case .ros1: [pair("time", "uint32", "nsec", "uint32"), pair("duration", "int32", "nsec", "int32")]
        case .ros2:
            [
                pair("builtin_interfaces/Time", "int32", "nanosec", "uint32"),
                pair("builtin_interfaces/Duration", "int32", "nanosec", "uint32"),
            ]
        }
    }
}
