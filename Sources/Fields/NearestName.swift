/// The one of several names that a misspelt one was probably meant to be, or nil where none is near.
///
/// Near is: the same without regard to case, `-` and `_`; or at most a third of its letters added, lost, changed or
/// swapped with their neighbour; or the beginning of one name (`rate` for `rate_hz`).
public func nearestName(to text: String, among names: [String]) -> String? {
    // Nobody misspells a name into a hundred letters, and the comparison costs the product of the lengths.
    guard !text.isEmpty, text.utf8.count <= 64 else { return nil }
    let wanted = plainForm(text)
    var best: (name: String, distance: Int)?
    for name in names {
        let candidate = plainForm(name)
        let distance = editDistance(wanted, candidate)
        if distance <= max(wanted.count, candidate.count) / 3, distance < best?.distance ?? .max { best = (name, distance) }
    }
    if let best { return best.name }
    guard wanted.count >= 3 else { return nil }
    return names.first { plainForm($0).starts(with: wanted) || (plainForm($0).count >= 3 && wanted.starts(with: plainForm($0))) }
}

private func plainForm(_ text: String) -> [UInt8] {
    text.lowercased().utf8.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: " ") ? UInt8(ascii: "_") : $0 }
}

/// How many letters must be added, removed, replaced or swapped with their neighbour (optimal string alignment).
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for i in left.indices {
        var row = [Int](repeating: 0, count: right.count + 1)
        row[0] = i + 1
        for j in right.indices {
            var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, beforeLast[j - 1] + 1) }
            row[j + 1] = best
        }
        beforeLast = last
        last = row
    }
    return last[right.count]
}
