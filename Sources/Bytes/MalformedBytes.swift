/// Bytes that ended before the value that should have been in them.
public struct MalformedBytes: Error, Hashable, Sendable {
    /// Where the value starts, in bytes from the start of the cursor's bytes.
    public var offset: Int
    /// How many bytes the value takes, as the bytes themselves say; `nil` where that doesn't fit an `Int`.
    public var needed: Int?
    /// How many bytes there are from `offset` on.
    public var available: Int

    /// A value that doesn't fit.
    public init(offset: Int, needed: Int?, available: Int) {
        self.offset = offset
        self.needed = needed
        self.available = available
    }
}

extension MalformedBytes: CustomStringConvertible {
    /// The end of a sentence: what was wanted at which byte, and what is there.
    public var description: String {
        let wanted = needed.map { "\($0) bytes" } ?? "more bytes than any file holds"
        return "at byte \(offset) \(wanted) are needed and \(available) are left"
    }
}
