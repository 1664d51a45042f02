/// A definition laid out for one wire format: what can be stepped over at once and what must be walked.
struct Layout {
    /// How far an element takes the position, by where it starts in a period of 8 bytes.
    typealias Advance = SIMD8<Int>

    /// One move over fields that nobody asked for.
    enum Step {
        /// Fields of fixed size, alignment included.
        case fixed(Advance)
        case string
        case wideString
        /// A sequence of primitives of a size in bytes.
        case primitives(Int)
        /// A sequence of messages of fixed size.
        case run(Advance, minimumSize: Int)
        /// Strings: so many, or as many as a count on the wire says.
        case strings(Int?)
        case wideStrings(Int?)
        /// One message of variable size.
        case message(Int)
        /// Messages of variable size: so many, or as many as a count on the wire says.
        case messages(Int, Int?)
        /// A collection with its length in bytes in front.
        case delimited
    }

    /// One message type.
    struct Message {
        /// The moves over the whole message, in order.
        var steps: [Step]
        /// The size, where it does not depend on the content.
        var advance: Advance?
        /// The bytes that the message takes at least.
        var minimumSize: Int
    }

    /// Sizes are cut off here: far above any payload, far below overflow.
    static let sizeLimit = 1 << 40

    let definition: MessageDefinition
    let format: WireFormat
    /// As in the definition.
    private(set) var messages: [Message]

    /// Lays a definition out.
    init(_ definition: MessageDefinition, format: WireFormat) {
        self.definition = definition
        self.format = format
        messages = Array(repeating: Message(steps: [], advance: .zero, minimumSize: 0), count: definition.types.count)
        var isDone = [Bool](repeating: false, count: definition.types.count)
        // The definition nests no deeper than its limit and has no cycles, so this ends and stays shallow.
        func layOut(_ index: Int) {
            guard !isDone[index] else { return }
            isDone[index] = true
            let fields = definition.types[index].fields
            for case .message(let child) in fields.map(\.element) { layOut(child) }
            let steps = steps(over: fields[...], of: definition.types[index])
            var minimum = 0
            for field in fields { minimum = min(minimum + minimumSize(of: field), Self.sizeLimit) }
            var advance: Advance?
            switch steps.count {
            case 0: advance = .zero
            case 1: if case .fixed(let only) = steps[0] { advance = only }
            default: break
            }
            if fields.isEmpty, format != .ros1 { minimum = 1 }
            messages[index] = Message(steps: steps, advance: advance, minimumSize: minimum)
        }
        layOut(0)
    }

    /// The moves over some fields of a message; neighbours of fixed size become one move.
    func steps(over fields: ArraySlice<MessageDefinition.Field>, of type: MessageDefinition.MessageType) -> [Step] {
        var steps: [Step] = []
        func append(_ step: Step) {
            if case .fixed(let next) = step, case .fixed(let last)? = steps.last {
                steps[steps.count - 1] = .fixed(Self.after(last, next))
            } else {
                steps.append(step)
            }
        }
        for field in fields { append(step(over: field)) }
        // IDL knows no empty structure: ROS 2 puts one byte into it.
        if type.fields.isEmpty, format != .ros1 { append(.fixed(primitive(1))) }
        return steps
    }

    private func step(over field: MessageDefinition.Field) -> Step {
        switch (field.element, field.shape) {
        case (.primitive(let kind), .single): return .fixed(primitive(kind.size))
        case (.primitive(let kind), .fixed(let count)): return .fixed(Self.repeated(primitive(kind.size), count))
        case (.primitive(let kind), .sequence): return .primitives(kind.size)
        case (.string, .single): return .string
        case (.wideString, .single): return .wideString
        case (.message(let index), .single):
            return messages[index].advance.map { .fixed($0) } ?? .message(index)
        case (_, .fixed), (_, .sequence):
            break
        }
        if format == .cdr2 { return .delimited }
        let count: Int? = if case .fixed(let count) = field.shape { count } else { nil }
        // No elements, no bytes.
        if count == 0 { return .fixed(.zero) }
        switch field.element {
        case .message(let index):
            guard let advance = messages[index].advance else { return .messages(index, count) }
            return count.map { .fixed(Self.repeated(advance, $0)) } ?? .run(advance, minimumSize: messages[index].minimumSize)
        case .wideString: return .wideStrings(count)
        case .string, .primitive: return .strings(count)
        }
    }

    /// The bytes that one element takes at least.
    func minimumSize(of element: MessageDefinition.Element) -> Int {
        switch element {
        case .primitive(let kind): kind.size
        case .string, .wideString: 4
        case .message(let index): messages[index].minimumSize
        }
    }

    private func minimumSize(of field: MessageDefinition.Field) -> Int {
        switch field.shape {
        case .single: return minimumSize(of: field.element)
        case .sequence: return 4
        case .fixed(let count):
            let (size, overflow) = minimumSize(of: field.element).multipliedReportingOverflow(by: count)
            return overflow ? Self.sizeLimit : min(size, Self.sizeLimit)
        }
    }

    private func primitive(_ size: Int) -> Advance {
        let alignment = min(size, format.maximumAlignment)
        var advance = Advance.zero
        for phase in 0..<8 { advance[phase] = (-phase & (alignment - 1)) + size }
        return advance
    }

    /// One element after another.
    private static func after(_ first: Advance, _ second: Advance) -> Advance {
        var advance = Advance.zero
        for phase in 0..<8 { advance[phase] = min(first[phase] + second[(phase + first[phase]) & 7], sizeLimit) }
        return advance
    }

    private static func repeated(_ element: Advance, _ count: Int) -> Advance {
        var advance = Advance.zero
        for phase in 0..<8 { advance[phase] = distance(element, count: count, phase: phase) }
        return advance
    }

    /// How far a number of elements takes the position.
    ///
    /// The phases repeat after at most 8 elements, so that any count
    /// costs a few additions.
    static func distance(_ element: Advance, count: Int, phase start: Int) -> Int {
        var seen: SIMD8<Int> = .init(repeating: -1)
        var distances: SIMD8<Int> = .zero
        var (distance, phase, index) = (0, start, 0)
        while index < count {
            if seen[phase] >= 0 {
                let period = index - seen[phase]
                let (whole, rest) = (count - index).quotientAndRemainder(dividingBy: period)
                let (bytes, overflow) = (distance - distances[phase]).multipliedReportingOverflow(by: whole)
                guard !overflow, bytes < sizeLimit else { return sizeLimit }
                distance += bytes
                for _ in 0..<rest {
                    distance += element[phase]
                    phase = (phase + element[phase]) & 7
                }
                return min(distance, sizeLimit)
            }
            (seen[phase], distances[phase]) = (index, distance)
            distance += element[phase]
            guard distance < sizeLimit else { return sizeLimit }
            phase = (phase + element[phase]) & 7
            index += 1
        }
        return distance
    }
}

extension MessageDefinition.Primitive {
    /// Bytes on the wire.
    var size: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }
}

extension WireCursor {
    /// Moves over fields.
    ///
    /// Every variable step takes at least four bytes, so the work is bounded by the payload's size.
    mutating func skip(_ steps: [Layout.Step], of layout: Layout) throws(ROSError) {
        for step in steps {
            switch step {
            case .fixed(let advance):
                try skip(advance[phase])
            case .string:
                try skip(length())
            case .wideString:
                _ = try wideString()
            case .primitives(let size):
                let count = try count(minimumSize: size)
                guard count > 0 else { continue }
                try align(to: size)
                try skip(count * size)
            case .run(let advance, let minimumSize):
                let count = try count(minimumSize: minimumSize)
                try skip(Layout.distance(advance, count: count, phase: phase))
            case .strings(let fixed):
                let count = try elements(fixed, minimumSize: 4)
                for _ in 0..<count { try skip(length()) }
            case .wideStrings(let fixed):
                let count = try elements(fixed, minimumSize: 4)
                for _ in 0..<count { _ = try wideString() }
            case .message(let index):
                try skip(layout.messages[index].steps, of: layout)
            case .messages(let index, let fixed):
                let message = layout.messages[index]
                let count = try elements(fixed, minimumSize: message.minimumSize)
                for _ in 0..<count { try skip(message.steps, of: layout) }
            case .delimited:
                try skip(length())
            }
        }
    }

    /// How many elements follow: as many as the definition or the wire says, if there is room for them.
    mutating func elements(_ fixed: Int?, minimumSize: Int) throws(ROSError) -> Int {
        guard let fixed else { return try count(minimumSize: minimumSize) }
        try checkRoom(fixed, minimumSize: minimumSize)
        return fixed
    }
}
