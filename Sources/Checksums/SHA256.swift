internal import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come one piece after another, by libcrypto, which uses the processor's SHA
/// instructions where it has them.
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// A hash of no bytes yet.
    ///
    /// - Throws: `ChecksumError` where libcrypto refuses, as for want of memory.
    public init() throws(ChecksumError) {
        guard let context = EVP_MD_CTX_new() else { throw ChecksumError.last("make a SHA-256 context") }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw ChecksumError.last("begin a SHA-256")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Continues the hash over further bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) throws(ChecksumError) {
        guard !bytes.isEmpty else { return }
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { throw ChecksumError.last("continue a SHA-256") }
    }

    /// Continues the hash over further bytes.
    public mutating func update(_ bytes: [UInt8]) throws(ChecksumError) {
        var failure: ChecksumError?
        bytes.withUnsafeBytes { buffer in
            do throws(ChecksumError) { try update(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The digest of all the bytes; ends the hash.
    public consuming func finish() throws(ChecksumError) -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        guard EVP_DigestFinal_ex(context, &bytes, nil) == 1 else { throw ChecksumError.last("finish a SHA-256") }
        return SHA256Digest(bytes)
    }

    /// The digest of some bytes.
    public static func digest(of bytes: UnsafeRawBufferPointer) throws(ChecksumError) -> SHA256Digest {
        var hash = try SHA256()
        try hash.update(bytes)
        return try hash.finish()
    }

    /// The digest of some bytes.
    public static func digest(of bytes: [UInt8]) throws(ChecksumError) -> SHA256Digest {
        var hash = try SHA256()
        try hash.update(bytes)
        return try hash.finish()
    }

    /// The digest of a text's UTF-8 bytes.
    public static func digest(of text: String) throws(ChecksumError) -> SHA256Digest {
        try digest(of: Array(text.utf8))
    }
}

/// The 32 bytes that SHA-256 makes of a content.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    static let byteCount = 32

    /// The digest, 32 bytes.
    public let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The digest as 64 lower-case hexadecimal digits, as sha256sum(1) prints it.
    public var hexadecimal: String {
        var text: [UInt8] = []
        appendHexadecimal(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the digest's 64 lower-case hexadecimal digits.
    public func appendHexadecimal(to text: inout [UInt8]) {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var description: String { hexadecimal }
}
