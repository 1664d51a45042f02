import CYAML

/// One step of a YAML file, as libyaml finds it.
struct Event {
    enum Kind {
        case documentStart
        case alias(anchor: String)
        case scalar(Scalar, tag: String?, anchor: String?)
        case sequenceStart(tag: String?, anchor: String?)
        case mappingStart(tag: String?, anchor: String?)
        case collectionEnd
    }

    var kind: Kind
    var position: Position
}

/// Owns a libyaml parser for the time of one file.
enum EventParser {
    /// Runs libyaml over the bytes and hands every event to `take` until that answers false.
    ///
    /// - Returns: What libyaml objects to, in its own words, or nil where it read to the end or was stopped.
    static func parse(_ bytes: [UInt8], _ take: (Event) -> Bool) -> Problem? {
        // libyaml would count the byte order mark as a column of the first line.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]

        return content.withUnsafeBufferPointer { input in
            var parser = yaml_parser_t()
            guard yaml_parser_initialize(&parser) != 0 else {
                return Problem(at: Position(line: 1, column: 1), "The YAML reader ran out of memory.")
            }
            defer { yaml_parser_delete(&parser) }
            // Without this, two bytes at the start could make libyaml read the rest as UTF-16.
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            var nothing: UInt8 = 0
            return withUnsafePointer(to: &nothing) { empty in
                yaml_parser_set_input_string(&parser, input.baseAddress ?? empty, input.count)
                while true {
                    var raw = yaml_event_t()
                    guard yaml_parser_parse(&parser, &raw) != 0 else { return problem(parser, in: input) }
                    defer { yaml_event_delete(&raw) }
                    if raw.type == YAML_STREAM_END_EVENT { return nil }
                    if let event = event(raw), !take(event) { return nil }
                }
            }
        }
    }

    private static func event(_ raw: yaml_event_t) -> Event? {
        let kind: Event.Kind
        switch raw.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_ALIAS_EVENT: kind = .alias(anchor: text(raw.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            kind = .scalar(
                Scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain),
                tag: text(scalar.tag),
                anchor: text(scalar.anchor)
            )
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart(tag: text(raw.data.sequence_start.tag), anchor: text(raw.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart(tag: text(raw.data.mapping_start.tag), anchor: text(raw.data.mapping_start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
        default: return nil
        }
        return Event(kind: kind, position: position(raw.start_mark))
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private static func position(_ mark: yaml_mark_t) -> Position {
        // Both are counted within a file of at most a few MiB.
        Position(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    /// libyaml's objection as a sentence.
    private static func problem(_ parser: yaml_parser_t, in input: UnsafeBufferPointer<UInt8>) -> Problem {
        let words = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        if parser.error == YAML_READER_ERROR {
            // The reader works below the level of lines and gives an offset only.
            let place = position(of: parser.problem_offset, in: input)
            let hint =
                words.contains("control")
                ? "Remove the invisible character, or write it as an escape in double quotes." : "Save the file as UTF-8."
            return Problem(at: place, "The file is not valid YAML: \(words).", hint: hint)
        }
        var sentence = "The file is not valid YAML: \(words)"
        if let context = parser.context.map({ String(cString: $0) }) {
            let start = position(parser.context_mark)
            sentence += ", \(context) that begins at line \(start.line), column \(start.column)"
        }
        return Problem(at: position(parser.problem_mark), sentence + ".", hint: hint(for: words))
    }

    /// What most often lies behind libyaml's words.
    private static func hint(for words: String) -> String? {
        switch words {
        case "found character that cannot start any token":
            "Indent with spaces, never with tabs, and put a text that begins with a special character such as @, % or ` in quotes."
        case "mapping values are not allowed in this context":
            "Check the indentation, and put a text that holds a colon followed by a space in quotes."
        case "did not find expected key", "did not find expected '-' indicator":
            "Check that the keys or list items of one level begin in the same column."
        case "could not find expected ':'": "Every key needs a colon and a space behind it."
        case "found unexpected end of stream": "A quote or bracket is opened and never closed."
        default: nil
        }
    }

    private static func position(of offset: Int, in input: UnsafeBufferPointer<UInt8>) -> Position {
        var place = Position(line: 1, column: 1)
        for (index, byte) in input.prefix(max(0, offset)).enumerated() {
            if byte == UInt8(ascii: "\n")
                || (byte == UInt8(ascii: "\r") && (index + 1 >= input.count || input[index + 1] != UInt8(ascii: "\n")))
            {
                place.line += 1
                place.column = 1
            } else if byte & 0xC0 != 0x80, byte != UInt8(ascii: "\r") {
                place.column += 1
            }
        }
        return place
    }
}
