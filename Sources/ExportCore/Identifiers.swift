/// The name of one accepted job, unique on its ledger: `20261122-171500-4f2ab1`, the time of acceptance in UTC and six
/// random hexadecimal digits.
///
/// It names folders, so only lower-case letters, digits and hyphens are allowed.
public struct JobID: Hashable, Comparable, Sendable {
    /// The identifier as it stands in paths, sidecars and the ledger.
    public let text: String

    /// An identifier, or nil where the text could not be one: 1 to 64 lower-case letters, digits and inner hyphens.
    public init?(_ text: String) {
        let bytes = text.utf8
        let allowed = bytes.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        guard allowed, !bytes.isEmpty, bytes.count <= 64, bytes.first != UInt8(ascii: "-") else { return nil }
        self.text = text
    }

    /// Jobs sort by their text, which begins with the time of acceptance.
    public static func < (left: JobID, right: JobID) -> Bool {
        left.text < right.text
    }
}

extension JobID: CustomStringConvertible {
    /// The identifier as it stands in paths.
    public var description: String { text }
}

extension JobID: Codable {
    /// Reads the identifier's text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = JobID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not a job id")
        }
        self = id
    }

    /// Writes the identifier's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// The name of one dataset in the catalogue: its path below the store, without the extension of a flat recording.
public struct DatasetID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The identifier as people write it in requests.
    public let text: String

    /// An identifier from its text.
    public init(_ text: String) {
        self.text = text
    }

    /// The identifier's last path component: the recording's own name.
    public var name: String {
        String(text.split(separator: "/").last ?? Substring(text))
    }

    /// The identifier as people write it.
    public var description: String { text }

    /// Datasets sort by their identifiers' bytes, on every machine alike.
    public static func < (left: DatasetID, right: DatasetID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension DatasetID: Codable {
    /// Reads the identifier's text.
    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the identifier's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
