/// The bytes of a field, such as an image's data.
public enum Blob: Hashable, Sendable {
    /// Where they lie in the payload.
    case range(Range<Int>)
    /// Decoded from text, as JSON holds them.
    case bytes([UInt8])

    /// How many bytes there are.
    public var count: Int {
        switch self {
        case .range(let range): range.count
        case .bytes(let bytes): bytes.count
        }
    }

    /// Calls `body` with the bytes; the pointer is valid during the call only.
    ///
    /// - Parameter payload: the message that the blob was read from.
    public func withBytes<R, E: Error>(
        in payload: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        switch self {
        case .range(let range): return try body(UnsafeRawBufferPointer(rebasing: payload[range]))
        case .bytes(let bytes):
            let result: Result<R, E> = bytes.withUnsafeBytes { bytes in
                do throws(E) { return .success(try body(bytes)) } catch { return .failure(error) }
            }
            return try result.get()
        }
    }
}
