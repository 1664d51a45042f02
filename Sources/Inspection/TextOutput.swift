/// Text on its way out: collected, and handed on in large pieces.
public final class TextOutput {
    private var pending: [UInt8] = []
    private let write: (UnsafeRawBufferPointer) throws -> Void

    private static let pieceSize = 1 << 16

    /// - Parameter write: takes the text, a piece at a time; the bytes are valid during the call only.
    public init(_ write: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.write = write
        pending.reserveCapacity(2 * Self.pieceSize)
    }

    /// Adds text as it is.
    public func add(_ text: String) throws {
        pending.append(contentsOf: text.utf8)
        try flushIfLarge()
    }

    /// Adds bytes as they are.
    func add(_ bytes: some Collection<UInt8>) throws {
        pending.append(contentsOf: bytes)
        try flushIfLarge()
    }

    /// Adds one byte as it is.
    func add(_ byte: UInt8) throws {
        pending.append(byte)
        try flushIfLarge()
    }

    /// Adds a line in which nothing but tabs controls the terminal.
    func line(_ text: String = "") throws {
        try add(Self.printable(text) + "\n")
    }

    /// Hands on what is left.
    public func finish() throws {
        try pending.withUnsafeBytes(write)
        pending.removeAll(keepingCapacity: true)
    }

    private func flushIfLarge() throws {
        if pending.count >= Self.pieceSize { try finish() }
    }

    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Besides the control characters proper, those that turn the direction of text around.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar != "\t" else { return false }
        return scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
    }
}
