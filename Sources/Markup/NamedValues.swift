/// The fields of a value by their names; those that are nil are left out.
///
/// A template looks for a name in every value around the one that it stands in, and through the fields of each by
/// reflection. Where it is applied to hundreds of values that costs more than all else, unless each is reflected once.
public func namedValues(_ value: some Any) -> [String: Any] {
    var values: [String: Any] = [:]
    for child in Mirror(reflecting: value).children {
        guard let name = child.label else { continue }
        let mirror = Mirror(reflecting: child.value)
        values[name] = mirror.displayStyle == .optional ? mirror.children.first?.value : child.value
    }
    return values
}
