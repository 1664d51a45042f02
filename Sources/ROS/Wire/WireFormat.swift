/// How a payload is laid out on the wire.
enum WireFormat: Int, Hashable {
    /// ROS 1: little-endian, packed.
    case ros1
    /// Plain CDR of XCDR version 1: elements aligned to their size.
    case cdr1
    /// Plain CDR of XCDR version 2: aligned to at most 4 bytes, a byte length before collections of anything but
    /// primitives.
    case cdr2
    /// XCDR version 1 with fields as parameters.
    case parameterList1
    /// XCDR version 2 with the message's length in front.
    case delimited2
    /// XCDR version 2 with the message's length in front and fields as parameters.
    case parameterList2

    /// How a message's fields are held together.
    enum Framing: Hashable {
        /// One after another.
        case plain
        /// A length in bytes, then one after another; fewer than the definition has where the writer's was older.
        case delimited
        /// Each behind a header with its id and length, a sentinel behind the last.
        case parameters1
        /// A length in bytes, then each behind a header with its id and length.
        case parameters2
    }

    /// The largest alignment of any element, in bytes.
    var maximumAlignment: Int {
        switch self {
        case .ros1: 1
        case .cdr1, .parameterList1: 8
        case .cdr2, .delimited2, .parameterList2: 4
        }
    }

    /// Whether it is a form of XCDR version 2.
    var isVersion2: Bool { maximumAlignment == 4 }

    /// How a message of a type is held together.
    ///
    /// The payload says it of the outermost one; those within follow their definition, or the payload where it says nothing.
    func framing(_ extensibility: MessageDefinition.Extensibility?, isOutermost: Bool) -> Framing {
        switch (self, isOutermost ? nil : extensibility) {
        case (.ros1, _): .plain
        case (.cdr1, .mutable), (.parameterList1, .mutable), (.parameterList1, nil): .parameters1
        case (.cdr1, _), (.parameterList1, _): .plain
        case (_, .final), (.cdr2, nil): .plain
        case (_, .appendable), (.delimited2, nil): .delimited
        case (_, .mutable), (.parameterList2, nil): .parameters2
        }
    }

    /// The format that the encapsulation header of CDR names.
    ///
    /// DDSI-RTPS 2.3 (10.5) numbers the forms of version 2 from 0x0006, DDS-XTypes 1.3 (7.4.3.4) from 0x0010 in another order.
    init(identifier: UInt16) throws(ROSError) {
        switch identifier {
        case 0x0000, 0x0001: self = .cdr1
        case 0x0002, 0x0003: self = .parameterList1
        case 0x0006, 0x0007, 0x0010, 0x0011: self = .cdr2
        case 0x0008, 0x0009, 0x0014, 0x0015: self = .delimited2
        case 0x000A, 0x000B, 0x0012, 0x0013: self = .parameterList2
        default:
            let digits = String(identifier, radix: 16)
            throw ROSError(
                .encoding,
                "A message is serialised in a way that exportd does not know (encapsulation 0x\(String(repeating: "0", count: 4 - digits.count))\(digits))."
            )
        }
    }
}
