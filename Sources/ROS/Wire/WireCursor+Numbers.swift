extension WireCursor {
    /// Reads how many elements of a field follow.
    ///
    /// Where the format puts a byte length before the collection, `end` is where it ends; nil otherwise.
    mutating func count(of field: MessageDefinition.Field, minimumSize: Int) throws(ROSError) -> (elements: Int, end: Int?) {
        guard field.shape != .single else { return (1, nil) }
        var end: Int?
        if format.isVersion2, field.isDelimited {
            let length = try length()
            end = offset + length
        }
        let fixed: Int? = if case .fixed(let count) = field.shape { count } else { nil }
        return (try elements(fixed, minimumSize: minimumSize), end)
    }

    /// Moves to the end of a delimited collection.
    mutating func finish(at end: Int?) throws(ROSError) {
        if let end { try finish(at: end) }
    }

    /// Reads a time stamp or a duration as nanoseconds; a part that the message leaves out counts as 0.
    mutating func time(_ index: Int, of layout: Layout) throws(ROSError) -> Int64 {
        let type = layout.definition.types[index]
        let framing = layout.framing(index)
        guard framing != .plain else { return try time(dialect: layout.definition.dialect, isInstant: type.time == .instant) }
        var parts: (seconds: Int32, nanoseconds: UInt32) = (0, 0)
        let outer = try enterMessage(framing)
        if framing == .delimited {
            if remaining > 0 { parts.seconds = try load(Int32.self) }
            if remaining > 0 { parts.nanoseconds = try load(UInt32.self) }
        } else {
            while let parameter = try parameter(framing) {
                let within = try enter(parameter)
                if parameter.id == type.fields[0].traits.id { parts.seconds = try load(Int32.self) }
                if parameter.id == type.fields[1].traits.id { parts.nanoseconds = try load(UInt32.self) }
                leave(to: within)
            }
        }
        if let outer { leave(to: outer) }
        return Int64(parts.seconds) * 1_000_000_000 + Int64(parts.nanoseconds)
    }

    /// Reads seconds and nanoseconds as nanoseconds.
    mutating func time(dialect: MessageDefinition.Dialect, isInstant: Bool) throws(ROSError) -> Int64 {
        let seconds = try load(UInt32.self)
        return Self.time(seconds: seconds, nanoseconds: try load(UInt32.self), dialect: dialect, isInstant: isInstant)
    }

    /// The parts of a time, as they are on the wire, in nanoseconds.
    @inline(__always)
    static func time(seconds: UInt32, nanoseconds: UInt32, dialect: MessageDefinition.Dialect, isInstant: Bool) -> Int64 {
        // Instants of ROS 1 have unsigned seconds; its durations have both parts signed, ROS 2 only the seconds.
        let whole = dialect == .ros1 && isInstant ? Int64(seconds) : Int64(Int32(bitPattern: seconds))
        let part = dialect == .ros1 && !isInstant ? Int64(Int32(bitPattern: nanoseconds)) : Int64(nanoseconds)
        return whole * 1_000_000_000 + part
    }

    /// Appends the numbers of a field.
    mutating func readNumbers(
        _ primitive: MessageDefinition.Primitive,
        of field: MessageDefinition.Field,
        into values: inout [Double]
    ) throws(ROSError) {
        let count = try count(of: field, minimumSize: primitive.size).elements
        switch primitive {
        case .bool: try append(count, UInt8.self, to: &values) { $0 == 0 ? 0 : 1 }
        case .int8: try append(count, Int8.self, to: &values) { Double($0) }
        case .uint8: try append(count, UInt8.self, to: &values) { Double($0) }
        case .int16: try append(count, Int16.self, to: &values) { Double($0) }
        case .uint16: try append(count, UInt16.self, to: &values) { Double($0) }
        case .int32: try append(count, Int32.self, to: &values) { Double($0) }
        case .uint32: try append(count, UInt32.self, to: &values) { Double($0) }
        case .int64: try append(count, Int64.self, to: &values) { Double($0) }
        case .uint64: try append(count, UInt64.self, to: &values) { Double($0) }
        case .float32: try append(count, UInt32.self, to: &values) { Double(Float(bitPattern: $0)) }
        case .float64: try append(count, UInt64.self, to: &values) { Double(bitPattern: $0) }
        }
    }

    @inline(__always)
    private mutating func append<Raw: FixedWidthInteger & BitwiseCopyable, Value>(
        _ count: Int,
        _ type: Raw.Type,
        to values: inout [Value],
        _ convert: (Raw) -> Value
    ) throws(ROSError) {
        guard count > 0 else { return }
        let size = MemoryLayout<Raw>.size
        try align(to: size)
        let start = offset
        // The count was checked against what was left before the padding.
        guard count <= remaining / size else { throw Self.truncated }
        try skip(count * size)
        if values.isEmpty { values.reserveCapacity(count) }
        for index in 0..<count {
            let raw = bytes.loadUnaligned(fromByteOffset: start + index * size, as: type)
            values.append(convert(isBigEndian ? Raw(bigEndian: raw) : Raw(littleEndian: raw)))
        }
    }
}
