internal import Synchronization

/// Something made once for each wire format: at once for the usual one, for the others when a payload turns up in them.
final class PerFormat<Value: Sendable>: Sendable {
    /// What was made for the usual format.
    let usual: Value
    private let usualFormat: WireFormat
    private let others = Mutex<[WireFormat: Value]>([:])
    private let make: @Sendable (WireFormat) -> Value?

    /// Makes the usual one; `make` must yield something for every format.
    init(dialect: MessageDefinition.Dialect, usual: Value, make: @escaping @Sendable (WireFormat) -> Value?) {
        usualFormat = dialect == .ros1 ? .ros1 : .cdr1
        self.usual = usual
        self.make = make
    }

    /// What there is for a format.
    subscript(format: WireFormat) -> Value {
        if format == usualFormat { return usual }
        return others.withLock { values in
            if let value = values[format] { return value }
            let value = make(format) ?? usual
            values[format] = value
            return value
        }
    }
}
