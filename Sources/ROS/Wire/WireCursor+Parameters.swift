/// Fields behind headers of their own (DDS-XTypes 1.3, 7.4.1.2 for version 1, 7.4.3.4 for version 2).
extension WireCursor {
    /// A field's header.
    struct Parameter {
        let id: UInt32
        /// The bytes that follow.
        let count: Int
        /// Whether a reader that does not know the field must not use the message.
        let mustUnderstand: Bool
    }

    /// Reads the header of the next parameter of version 1; nil at the sentinel.
    mutating func parameter1() throws(ROSError) -> Parameter? {
        try align(to: 4)
        let pid = try load(UInt16.self)
        let short = Int(try load(UInt16.self))
        switch pid & 0x3FFF {
        // PID_LIST_END
        case 0x3F02: return nil
        // PID_EXTENDED: id and length in 32 bits each.
        case 0x3F01:
            guard short >= 8 else { throw Self.truncated }
            let header = try load(UInt32.self)
            let count = try length()
            return Parameter(id: header & 0x0FFF_FFFF, count: count, mustUnderstand: header & 0x4000_0000 != 0)
        // PID_IGNORE and what is reserved for later.
        case 0x3F00...0x3FFF:
            guard short <= remaining else { throw Self.truncated }
            return Parameter(id: .max, count: short, mustUnderstand: false)
        case let id:
            guard short <= remaining else { throw Self.truncated }
            return Parameter(id: UInt32(id), count: short, mustUnderstand: pid & 0x4000 != 0)
        }
    }

    /// Reads the header of the next parameter of version 2; nil at the end of the message.
    mutating func parameter2() throws(ROSError) -> Parameter? {
        // Padding before a header that does not come is left out.
        guard remaining >= 4 else {
            try skip(remaining)
            return nil
        }
        let header = try load(UInt32.self)
        let count: Int
        switch header >> 28 & 7 {
        case let code where code < 4: count = 1 << Int(code)
        case 4: count = Int(try load(UInt32.self))
        case let code:
            // The length belongs to the field too: it is the one that its value begins with.
            let (start, value) = (offset, Int(try load(UInt32.self)))
            count = 4 + value * (code == 5 ? 1 : code == 6 ? 4 : 8)
            rewind(to: start)
        }
        guard count <= remaining else { throw Self.truncated }
        return Parameter(id: header & 0x0FFF_FFFF, count: count, mustUnderstand: header & 0x8000_0000 != 0)
    }

    /// Enters a message that has its length in front, or needs none; nil for those without a frame.
    mutating func enterMessage(_ framing: WireFormat.Framing) throws(ROSError) -> Outer? {
        switch framing {
        case .plain, .parameters1: return nil
        case .delimited, .parameters2:
            let count = try length()
            return try enter(count)
        }
    }

    /// The next parameter in a message's framing; nil behind the last.
    mutating func parameter(_ framing: WireFormat.Framing) throws(ROSError) -> Parameter? {
        framing == .parameters1 ? try parameter1() : try parameter2()
    }

    /// Enters a parameter's value; version 1 counts its alignment from there.
    mutating func enter(_ parameter: Parameter) throws(ROSError) -> Outer {
        try enter(parameter.count, resettingOrigin: !format.isVersion2)
    }

    /// Enters a field that may have been left out; nil where it was.
    ///
    /// Version 2 has a byte in front that says so, version 1 a parameter's header, with a length of 0.
    mutating func enterOptional() throws(ROSError) -> Outer? {
        guard !format.isVersion2 else { return try load(UInt8.self) != 0 ? try enter(remaining) : nil }
        guard let parameter = try parameter1(), parameter.count > 0 else { return nil }
        return try enter(parameter)
    }

    /// Leaves a field that may have been left out.
    mutating func leaveOptional(to outer: Outer) {
        if format.isVersion2 { widen(to: outer) } else { leave(to: outer) }
    }
}
