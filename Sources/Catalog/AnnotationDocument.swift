import FoundationEssentials

/// A value of an `annotation.json` that is no list and no object, or that stands where one was not expected.
enum AnnotationValue: Decodable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number that is not whole or does not fit 64 bits.
    case number(Decimal)
    case text(String)
    /// A list, an object, or a text with half a character.
    case other

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.singleValueContainer() else {
            self = .other
            return
        }
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Decimal.self) {
            // Decoding an Int64 drops a fraction and may go through a double, and a nanosecond clock does not fit one; the
            // digits of the decimal are those of the file.
            self = Int64(number.description).map { .integer($0) } ?? .number(number)
        } else if let boolean = try? container.decode(Bool.self) {
            self = .boolean(boolean)
        } else {
            self = .other
        }
    }

    /// What stands there, for the end of a sentence.
    var described: String {
        switch self {
        case .null: "nothing"
        case .boolean(let value): "the boolean \(value)"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .text(let text): text.isEmpty ? "an empty text" : "the text \"\(text.prefix(60))\""
        case .other: "something else"
        }
    }
}

/// One subtask of an `annotation.json`, as it stands there.
struct SubtaskDocument: Decodable, Sendable {
    /// The keys that are read; all others are passed over.
    enum Key: String, CodingKey, CaseIterable {
        case sequence = "sequence_id"
        case skill
        case description
        case descriptionZH = "description_zh"
        case start = "start_timestamp"
        case end = "end_timestamp"
        case startFrame = "start_frame_id"
        case endFrame = "end_frame_id"
        case objectA = "objecta"
        case objectB = "objectb"
        case options
        case comment
        case attempts
        case score
    }

    /// Whether it is an object at all.
    var isObject = true
    /// Its values by key; those of absent keys are absent.
    var values: [Key: AnnotationValue] = [:]
    /// The items of `options`, where that is a list.
    var options: [AnnotationValue] = []

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: Key.self) else {
            isObject = false
            return
        }
        for key in Key.allCases where container.contains(key) {
            if key == .options, var list = try? container.nestedUnkeyedContainer(forKey: key) {
                while !list.isAtEnd, options.count < AnnotationReader.mostOptions { options.append(try list.decode(AnnotationValue.self)) }
            } else {
                values[key] = try container.decode(AnnotationValue.self, forKey: key)
            }
        }
    }
}

/// An `annotation.json` as it stands there.
struct AnnotationDocument: Decodable, Sendable {
    private enum Key: String, CodingKey {
        case scene
        case subtasks
    }

    var scene: AnnotationValue?
    /// The subtasks, at most one more than may be.
    var subtasks: [SubtaskDocument]?
    /// Whether the key `subtasks` is there and not a list.
    var hasOtherSubtasks = false
    /// The document read as one subtask: the form of older sets, which hold one segment each.
    var single: SubtaskDocument

    init(from decoder: any Decoder) throws {
        single = try SubtaskDocument(from: decoder)
        guard let container = try? decoder.container(keyedBy: Key.self) else { return }
        scene = try container.decodeIfPresent(AnnotationValue.self, forKey: .scene)
        guard container.contains(.subtasks), try !container.decodeNil(forKey: .subtasks) else { return }
        guard var list = try? container.nestedUnkeyedContainer(forKey: .subtasks) else {
            hasOtherSubtasks = true
            return
        }
        var subtasks: [SubtaskDocument] = []
        while !list.isAtEnd, subtasks.count <= AnnotationReader.mostSegments { subtasks.append(try list.decode(SubtaskDocument.self)) }
        self.subtasks = subtasks
    }
}
