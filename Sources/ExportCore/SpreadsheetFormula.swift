/// What Excel, Calc and Sheets take for a formula, which they would calculate for whoever opens a table.
public enum SpreadsheetFormula {
    /// Whether a text in UTF-8 begins as a formula does: with one of `= + - @`, as wide as Chinese characters too, a tab or a line end.
    @inlinable
    public static func begins(_ text: some Collection<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0A, 0x0D: return true
        case 0xEF: return ["＝", "＋", "－", "＠"].contains { text.starts(with: $0.utf8) }
        default: return false
        }
    }
}
