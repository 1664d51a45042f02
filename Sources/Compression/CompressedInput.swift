/// Compressed bytes that a decompressor takes a piece at a time, from wherever they are had best.
public protocol CompressedInput {
    /// How many they are.
    var count: Int { get }

    /// Calls `body` with a range of them, which is valid during the call only.
    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R
}

extension UnsafeRawBufferPointer: CompressedInput {
    /// Calls `body` with a range of the bytes.
    public func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(rebasing: self[range]))
    }
}
