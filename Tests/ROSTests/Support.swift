import ROS

/// Bytes from hexadecimal digits; blanks are for the eye.
func bytes(_ hex: String) -> [UInt8] {
    var result: [UInt8] = []
    var high: UInt8?
    for character in hex {
        guard let digit = character.hexDigitValue.map(UInt8.init) else { continue }
        if let first = high {
            result.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return result
}

func definition(
    _ text: String,
    _ name: String = "test_msgs/Test",
    _ dialect: MessageDefinition.Dialect = .ros2
) throws(ROSError) -> MessageDefinition {
    try MessageDefinition(text: text, name: name, dialect: dialect)
}

func decode(_ definition: MessageDefinition, _ payload: [UInt8]) throws -> FieldValue {
    try payload.withUnsafeBytes { try MessageDecoder(definition).decode($0) }
}

func numbers(_ definition: MessageDefinition, _ path: String, _ payload: [UInt8]) throws -> [Double] {
    var values: [Double] = []
    let reader = try FieldReader(definition, path: path)
    try payload.withUnsafeBytes { try reader.readNumbers($0, into: &values) }
    return values
}

func strings(_ definition: MessageDefinition, _ path: String, _ payload: [UInt8]) throws -> [String] {
    let reader = try FieldReader(definition, path: path)
    return try payload.withUnsafeBytes { try reader.readStrings($0) }
}

func time(_ definition: MessageDefinition, _ path: String, _ payload: [UInt8]) throws -> Int64 {
    let reader = try FieldReader(definition, path: path)
    return try payload.withUnsafeBytes { try reader.readTime($0) }
}

func range(_ definition: MessageDefinition, _ path: String, _ payload: [UInt8]) throws -> Range<Int> {
    let reader = try FieldReader(definition, path: path)
    return try payload.withUnsafeBytes { try reader.readRange($0) }
}
