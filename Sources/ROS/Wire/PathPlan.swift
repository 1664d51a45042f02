/// The way to one field in one wire format.
///
/// Objects rather than values, so that reading a message copies none of it.
final class PathPlan: Sendable {
    final class Level: Sendable {
        let field: MessageDefinition.Field
        /// How the message that has the field is held together.
        let framing: WireFormat.Framing
        /// Moves from the message's start to the field, all at once, or those over each field where the message may end
        /// behind any of them.
        let before: [[Layout.Step]]
        /// Moves from the field's end to the message's end.
        let after: [Layout.Step]
        /// What one element of the field takes at least.
        let minimumSize: Int
        /// The ids of the message's fields, where they are on the wire.
        let ids: Set<UInt32>

        init(
            field: MessageDefinition.Field,
            framing: WireFormat.Framing,
            before: [[Layout.Step]],
            after: [Layout.Step],
            minimumSize: Int,
            ids: Set<UInt32>
        ) {
            self.field = field
            self.framing = framing
            self.before = before
            self.after = after
            self.minimumSize = minimumSize
            self.ids = ids
        }
    }

    let layout: Layout
    let levels: [Level]
    /// Moves over the field itself.
    let leafSteps: [Layout.Step]
    /// The field that the path leads to.
    let leaf: MessageDefinition.Field
    /// How the message is held together that the path leads to; plain where it leads to none.
    let leafFraming: WireFormat.Framing

    init(_ layout: Layout, path: String) throws(ROSError) {
        var levels: [Level] = []
        var (type, position) = (layout.definition.root, 0)
        let names = path.split(separator: ".", omittingEmptySubsequences: false)
        for (depth, name) in names.enumerated() {
            guard let index = type.index(of: String(name)) else {
                throw ROSError.noField(String(name), of: type.name, path: path, fields: type.fields.map(\.name))
            }
            levels.append(Self.level(layout, type, position: position, field: index))
            if depth + 1 < names.count {
                guard case .message(let next) = type.fields[index].element else {
                    throw ROSError(.field, "The field \(name) of \(type.name) has no parts (in \(path)).")
                }
                (type, position) = (layout.definition.types[next], next)
            }
        }
        self.layout = layout
        self.levels = levels
        leaf = levels[levels.count - 1].field
        leafSteps = [layout.valueStep(over: leaf)]
        leafFraming = if case .message(let index) = leaf.element { layout.framing(index) } else { .plain }
    }

    private static func level(
        _ layout: Layout,
        _ type: MessageDefinition.MessageType,
        position: Int,
        field index: Int
    ) -> Level {
        let framing = layout.framing(position)
        let (before, after): ([[Layout.Step]], [Layout.Step]) =
            switch framing {
            case .plain:
                (
                    index == 0 ? [] : [layout.steps(over: type.fields[..<index], of: type)],
                    index + 1 == type.fields.count ? [] : layout.steps(over: type.fields[(index + 1)...], of: type)
                )
            case .delimited: ((0..<index).map { layout.steps(over: type.fields[$0...$0], of: type) }, [])
            case .parameters1, .parameters2: ([], [])
            }
        return Level(
            field: type.fields[index],
            framing: framing,
            before: before,
            after: after,
            minimumSize: layout.minimumSize(of: type.fields[index].element),
            ids: framing == .parameters1 || framing == .parameters2 ? Set(type.fields.map(\.traits.id)) : []
        )
    }

    /// Moves the cursor to the field, once for each element of what it lies in, and calls `leaf` there; not at all where the
    /// message leaves the field out.
    func visit(
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, PathPlan) throws(ROSError) -> Void
    ) throws(ROSError) {
        try visit(0, isRepeated: false, &cursor, leaf)
    }

    private func visit(
        _ depth: Int,
        isRepeated: Bool,
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, PathPlan) throws(ROSError) -> Void
    ) throws(ROSError) {
        let level = levels[depth]
        guard level.framing == .plain else { return try visitFramed(depth, isRepeated: isRepeated, &cursor, leaf) }
        for steps in level.before { try cursor.skip(steps, of: layout) }
        try visitField(depth, isRepeated: isRepeated, &cursor, leaf)
        if isRepeated { try cursor.skip(level.after, of: layout) }
    }

    private func visitFramed(
        _ depth: Int,
        isRepeated: Bool,
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, PathPlan) throws(ROSError) -> Void
    ) throws(ROSError) {
        let level = levels[depth]
        let outer = try cursor.enterMessage(level.framing)
        if level.framing == .delimited {
            for steps in level.before where cursor.remaining > 0 { try cursor.skip(steps, of: layout) }
            if cursor.remaining > 0 { try visitField(depth, isRepeated: isRepeated, &cursor, leaf) }
        } else {
            var isFound = false
            // Behind the field, only what says where the message ends has to be read, where that matters.
            while !isFound || (isRepeated && outer == nil), let parameter = try cursor.parameter(level.framing) {
                guard !isFound, parameter.id == level.field.traits.id else {
                    try parameter.check(isKnown: level.ids.contains(parameter.id))
                    try cursor.skip(parameter.count)
                    continue
                }
                isFound = true
                let within = try cursor.enter(parameter)
                try visitValue(depth, isRepeated: isRepeated, &cursor, leaf)
                cursor.leave(to: within)
            }
        }
        if let outer { cursor.leave(to: outer) }
    }

    private func visitField(
        _ depth: Int,
        isRepeated: Bool,
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, PathPlan) throws(ROSError) -> Void
    ) throws(ROSError) {
        guard levels[depth].field.traits.isOptional else { return try visitValue(depth, isRepeated: isRepeated, &cursor, leaf) }
        guard let outer = try cursor.enterOptional() else { return }
        try visitValue(depth, isRepeated: isRepeated, &cursor, leaf)
        cursor.leaveOptional(to: outer)
    }

    private func visitValue(
        _ depth: Int,
        isRepeated: Bool,
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, PathPlan) throws(ROSError) -> Void
    ) throws(ROSError) {
        let level = levels[depth]
        if depth + 1 == levels.count {
            try leaf(&cursor, self)
        } else if level.field.shape == .single {
            // What stands behind an optional field has to be found too.
            try visit(depth + 1, isRepeated: isRepeated, &cursor, leaf)
        } else {
            let count = try cursor.count(of: level.field, minimumSize: level.minimumSize)
            // Elements without any byte hold no values; their number is bounded by nothing.
            if level.minimumSize > 0 {
                for _ in 0..<count.elements { try visit(depth + 1, isRepeated: true, &cursor, leaf) }
            }
            try cursor.finish(at: count.end)
        }
    }
}

extension ROSError {
    /// A path that leads nowhere, with what there is instead.
    static func noField(_ name: String, of type: String, path: String, fields: [String]) -> ROSError {
        let list = fields.isEmpty ? "none" : fields.prefix(40).joined(separator: ", ")
        return ROSError(.field, "\(type) has no field \(name)\(name == path ? "" : " (in \(path))"). It has: \(list).")
    }
}

extension WireCursor.Parameter {
    /// Refuses a field that the definition does not have although the message cannot be understood without.
    func check(isKnown: Bool) throws(ROSError) {
        guard !mustUnderstand || isKnown else {
            throw ROSError(.payload, "A message has a field of id \(id) that must be understood and that its definition does not have.")
        }
    }
}
