extension Shape where Value == String {
    /// An e-mail address as a mail program takes it on its command line and in a header: ASCII, `name@host`.
    ///
    /// Quoted local parts and address literals of RFC 5322 are refused: nobody has one, and they are how headers and
    /// options are smuggled in.
    public static var emailAddress: Shape<String> {
        .text("an e-mail address such as alice@lab.example", upTo: 254, pattern: emailPattern, where: isEmailAddress)
    }

    private static var emailPattern: String {
        "^[A-Za-z0-9][A-Za-z0-9._+%-]{0,63}@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
    }

    private static func isEmailAddress(_ text: String) -> Bool {
        let halves = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard halves.count == 2, let first = halves[0].first, isLetterOrDigit(first), halves[0].count <= 64 else { return false }
        guard halves[0].allSatisfy({ isLetterOrDigit($0) || "._+%-".utf8.contains($0) }) else { return false }
        return halves[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isLetterOrDigit(first) && isLetterOrDigit(last) && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
