/// How much compressed bytes of a recording may hold before they are taken for a trap.
public enum DecompressionLimit {
    /// What few bytes may hold in any case: maps without content and black pictures nearly vanish when they are compressed.
    private static let alwaysAllowed = 256 << 20
    /// Recordings shrink to a tenth, very dull ones to a hundredth.
    private static let expansion = 1_000

    /// The most that some compressed bytes may hold.
    ///
    /// - Parameters:
    ///   - stored: how many compressed bytes there are.
    ///   - limit: the most that is allowed however many they are.
    public static func bytes(heldBy stored: Int, atMost limit: Int) -> Int {
        let (product, overflow) = stored.multipliedReportingOverflow(by: expansion)
        return min(limit, max(overflow ? .max : product, alwaysAllowed))
    }
}
