/// `status/quota/<user>.json`, and each entry of an answer about quota: one user's usage, or that of all.
public struct QuotaDocument: Codable, Hashable, Sendable {
    /// The schema's name and version.
    public static let schemaName = "exportd-quota/1"

    /// The user; `system` for the usage of all.
    public var user: String
    /// What is used and left.
    public var quota: StatusDocument.Quota
    /// When this was written, RFC 3339 UTC.
    public var updatedAt: String

    private enum CodingKeys: String, CodingKey {
        case schema
        case user
        case updatedAt = "updated_at"
    }

    /// A user's usage.
    public init(user: String, _ quota: StatusDocument.Quota, updatedAt: String) {
        self.user = user
        self.quota = quota
        self.updatedAt = updatedAt
    }

    /// Reads a document.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        user = try container.decode(String.self, forKey: .user)
        updatedAt = try container.decode(String.self, forKey: .updatedAt)
        quota = try StatusDocument.Quota(from: decoder)
    }

    /// Writes every key, those of the usage beside the others.
    public func encode(to encoder: any Encoder) throws {
        try quota.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.schemaName, forKey: .schema)
        try container.encode(user, forKey: .user)
        try container.encode(updatedAt, forKey: .updatedAt)
    }

    /// The bytes of the file: UTF-8 JSON with sorted keys and a final newline.
    public func json() throws -> [UInt8] {
        try SidecarJSON.bytes(of: self)
    }

    /// The bytes of a list of documents.
    public static func json(_ documents: [QuotaDocument]) throws -> [UInt8] {
        try SidecarJSON.bytes(of: documents)
    }

    /// A list of documents from its bytes.
    public static func list(json bytes: [UInt8]) throws -> [QuotaDocument] {
        try SidecarJSON.document(from: bytes)
    }
}
