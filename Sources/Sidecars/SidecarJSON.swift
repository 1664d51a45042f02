import FoundationEssentials

/// How sidecars are written and read: UTF-8 JSON with sorted keys, two spaces of indentation and a final newline, so that
/// the same document is always the same bytes.
enum SidecarJSON {
    /// The bytes of a document.
    static func bytes(of document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(document)) + [UInt8(ascii: "\n")]
    }

    /// A document from its bytes.
    static func document<Document: Decodable>(from bytes: [UInt8]) throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(bytes))
    }
}
