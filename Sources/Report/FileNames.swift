/// Names of files made of names that come from recordings.
enum FileNames {
    /// A number that makes it unique, and as much of the name as any file system bears.
    static func numbered(_ number: Int, width: Int, _ name: String) -> String {
        let digits = String(number)
        let kept = name.utf8.map { byte -> Character in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                Character(Unicode.Scalar(byte))
            default: "_"
            }
        }
        let words = String(kept).split(separator: "_").joined(separator: "_").prefix(80)
        let padded = String(repeating: "0", count: max(0, width - digits.count)) + digits
        return words.isEmpty ? padded : "\(padded)_\(words)"
    }
}
