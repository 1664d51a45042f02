/// A text from a file as it may stand in a message: in quotes, at most 60 characters, nothing that could move a terminal's
/// cursor.
public func quoted(_ text: String) -> String {
    var result = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 60 {
            result += "…"
            break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            if scalar == "\"" { result += "\\\"" } else { result.unicodeScalars.append(scalar) }
        }
    }
    return result + "\""
}
