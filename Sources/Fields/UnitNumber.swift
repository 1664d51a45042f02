/// Reads a decimal number exactly and multiplies it with the size of its unit, in integers, rounding towards zero.
///
/// - Returns: nil where the text is not digits with at most one point between them, or the product exceeds 64 bits.
func scaled(_ text: Substring, by unit: Int64) -> Int64? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, whole.allSatisfy(isDigit), !whole.isEmpty, let value = Int64(Substring(whole)) else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return product }

    let digits = parts[1]
    guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy(isDigit), let fraction = Int64(Substring(digits)) else { return nil }
    var divisor: Int64 = 1
    for _ in digits { divisor *= 10 }
    // The full product needs 128 bits; its quotient is smaller than the unit again.
    let wide = unit.multipliedFullWidth(by: fraction)
    let (sum, tooBig) = product.addingReportingOverflow(divisor.dividingFullWidth(wide).quotient)
    return tooBig ? nil : sum
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
