import YAML

/// The keys that lead to a value, such as `exports[0].rate_hz`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    /// The path as it stands in messages; empty for the whole file.
    public private(set) var description = ""

    /// The whole file.
    public init() {}

    /// The path of one key of the mapping at this path.
    ///
    /// A key that holds more than letters, digits, `_`, `-` and `/` is quoted.
    public func key(_ name: String) -> FieldPath {
        var copy = self
        let isSimple = !name.isEmpty && name.utf8.count <= 60 && name.unicodeScalars.allSatisfy { isSimpleCharacter($0) }
        copy.description += (description.isEmpty ? "" : ".") + (isSimple ? name : quoted(name))
        return copy
    }

    /// The path of one item of the list at this path, counted from 0.
    public func item(_ index: Int) -> FieldPath {
        var copy = self
        copy.description += "[\(index)]"
        return copy
    }

    private func isSimpleCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_-/".unicodeScalars.contains(scalar))
    }
}
