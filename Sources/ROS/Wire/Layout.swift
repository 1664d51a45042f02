/// A definition laid out for one wire format: what can be stepped over at once and what must be walked.
struct Layout: Sendable {
    /// How far an element takes the position, by where it starts in a period of 8 bytes.
    typealias Advance = SIMD8<Int>

    /// One move over fields that nobody asked for.
    enum Step: Sendable {
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
        /// A collection or a message with its length in bytes in front.
        case delimited
        /// The parameters of a message in XCDR version 1.
        case parameters
        /// A field that may have been left out: the move over it follows, then `optionalEnd`.
        ///
        /// No payload here is an object, so that walking over moves copies none.
        case optional
        case optionalEnd
    }

    /// One message type.
    struct Message: Sendable {
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
            let framing = framing(index)
            guard framing == .plain else {
                messages[index] = Message(steps: [framing == .parameters1 ? .parameters : .delimited], advance: nil, minimumSize: 4)
                return
            }
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

    /// How a type's messages are held together.
    func framing(_ index: Int) -> WireFormat.Framing {
        format.framing(definition.types[index].extensibility, isOutermost: index == 0)
    }

    /// The moves over some fields of a message that follow each other; neighbours of fixed size become one move.
    func steps(over fields: ArraySlice<MessageDefinition.Field>, of type: MessageDefinition.MessageType) -> [Step] {
        var steps: [Step] = []
        func append(_ step: Step) {
            if case .fixed(let next) = step, case .fixed(let last)? = steps.last {
                steps[steps.count - 1] = .fixed(Self.after(last, next))
            } else {
                steps.append(step)
            }
        }
        for field in fields {
            if field.traits.isOptional { steps.append(.optional) }
            append(valueStep(over: field))
            if field.traits.isOptional { steps.append(.optionalEnd) }
        }
        // IDL knows no empty structure: ROS 2 puts one byte into it.
        if type.fields.isEmpty, format != .ros1 { append(.fixed(primitive(1))) }
        return steps
    }

    /// The move over one field that is there.
    func valueStep(over field: MessageDefinition.Field) -> Step {
        if field.isDelimited, format.isVersion2 { return .delimited }
        switch (field.element, field.shape) {
        case (.primitive(let kind), .single): return .fixed(primitive(kind.size))
        case (.primitive(let kind), .fixed(let count)): return .fixed(Self.repeated(primitive(kind.size), count))
        case (.primitive(let kind), .sequence): return .primitives(kind.size)
        case (.string, .single): return .string
        case (.wideString, .single): return .wideString
        case (.message(let index), .single):
            if framing(index) == .delimited || framing(index) == .parameters2 { return .delimited }
            return messages[index].advance.map { .fixed($0) } ?? .message(index)
        case (_, .fixed), (_, .sequence):
            break
        }
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
        if field.traits.isOptional { return 1 }
        if field.isDelimited, format.isVersion2 { return 4 }
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

extension MessageDefinition.Field {
    /// Whether XCDR version 2 puts a length in bytes in front: before collections of anything but primitive types.
    var isDelimited: Bool {
        guard shape != .single else { return false }
        return if case .primitive = element { traits.isEnumeration } else { true }
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
        var index = 0
        var outer: Outer?
        while index < steps.count {
            defer { index += 1 }
            switch steps[index] {
            case .fixed(let advance):
                try skip(advance[phase])
            case .string:
                try skip(length())
            case .wideString:
                try skipWideString()
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
                for _ in 0..<count { try skipWideString() }
            case .message(let index):
                try skip(layout.messages[index].steps, of: layout)
            case .messages(let index, let fixed):
                let message = layout.messages[index]
                let count = try elements(fixed, minimumSize: message.minimumSize)
                for _ in 0..<count { try skip(message.steps, of: layout) }
            case .delimited:
                try skip(length())
            case .parameters:
                while let parameter = try parameter1() { try skip(parameter.count) }
            case .optional:
                outer = try enterOptional()
                if outer == nil { index += 1 }
            case .optionalEnd:
                if let outer { leaveOptional(to: outer) }
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

extension Layout {
    /// How many bytes each wide character of a message has, from a cursor at its start.
    ///
    /// XCDR version 2 is written by those who write 2 bytes. In version 1 it is the size with which the message ends where
    /// its bytes do and no text holds what no writer puts there; 2 where both would do.
    func wideSize(at start: WireCursor) -> Int {
        guard !format.isVersion2 else { return 2 }
        return !fits(2, start) && fits(4, start) ? 4 : 2
    }

    private func fits(_ size: Int, _ start: WireCursor) -> Bool {
        var cursor = start
        cursor.wideSize = size
        do throws(ROSError) { try cursor.skip(messages[0].steps, of: self) } catch { return false }
        return cursor.isPlausible && (cursor.remaining == 0 || cursor.remaining < 4 && cursor.bytes.count % 4 == 0)
    }
}
