import Fields
import YAML

extension Shape<[String: Double]> {
    /// Shares by the names of splits, which have to add up to 1.
    static var splitShares: Shape<[String: Double]> {
        .map(
            of: .decimal(0...1),
            key: KeyRule(
                expected: "a name of letters, digits, - and _",
                pattern: "^[A-Za-z0-9_-]{1,64}$",
                examples: ["train", "val", "test"]
            ) {
                name in
                let allowed = name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
                return allowed && (1...64).contains(name.utf8.count)
            }
        )
    }
}

extension [String: Double] {
    /// Says where the shares of splits do not add up to 1.
    func checkShares(at path: FieldPath, _ node: Node, _ problems: inout ProblemList) {
        let total = values.reduce(0, +)
        if !isEmpty, abs(total - 1) > 1e-6 {
            problems.add(node, path, expected: "shares that add up to 1; these add up to \(total)")
        }
    }
}
