public import ExportCore

/// `NAME.error.json`: why a job failed.
///
/// Every key is always written; what is not known is null.
public struct ErrorDocument: Codable, Hashable, Sendable {
    /// What went wrong, to which thing, and what to do.
    public var error: ExportError
    /// The run of the job that failed, from 1.
    public var attempt: Int

    /// A failure of a job's run.
    public init(error: ExportError, attempt: Int) {
        self.error = error
        self.attempt = attempt
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case message
        case hint
        case retryable
        case attempt
        case location
        case details
    }

    /// Reads a document; a location without anything in it is none.
    public init(from decoder: any Decoder) throws {
        var error = try ExportError(from: decoder)
        if error.location == ExportError.Location() { error.location = nil }
        for index in error.details.indices where error.details[index].location == ExportError.Location() {
            error.details[index].location = nil
        }
        self.error = error
        attempt = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .attempt)
    }

    /// Writes every key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(error.code, forKey: .code)
        try container.encode(error.message, forKey: .message)
        try container.encode(error.hint, forKey: .hint)
        try container.encode(error.retryable, forKey: .retryable)
        try container.encode(attempt, forKey: .attempt)
        try container.encode(LocationKeys(location: error.location), forKey: .location)
        try container.encode(error.details.map(DetailKeys.init), forKey: .details)
    }

    /// The bytes of the sidecar: UTF-8 JSON with sorted keys and a final newline.
    public func json() throws -> [UInt8] {
        try SidecarJSON.bytes(of: self)
    }

    /// A document from a sidecar's bytes.
    public init(json bytes: [UInt8]) throws {
        self = try SidecarJSON.document(from: bytes)
    }
}

/// A location with all its keys.
private struct LocationKeys: Encodable {
    var location: ExportError.Location?

    enum CodingKeys: String, CodingKey {
        case file
        case line
        case column
        case dataset
        case export
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(location?.file, forKey: .file)
        try container.encode(location?.line, forKey: .line)
        try container.encode(location?.column, forKey: .column)
        try container.encode(location?.dataset, forKey: .dataset)
        try container.encode(location?.export, forKey: .export)
    }
}

/// One of several problems with all its keys.
private struct DetailKeys: Encodable {
    var detail: ExportError.Detail

    enum CodingKeys: String, CodingKey {
        case message
        case hint
        case location
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(detail.message, forKey: .message)
        try container.encode(detail.hint, forKey: .hint)
        try container.encode(LocationKeys(location: detail.location), forKey: .location)
    }
}
