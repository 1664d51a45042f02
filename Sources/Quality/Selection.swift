extension Array where Element: Comparable {
    /// The elements that would stand at some places if the array were sorted, which takes less than to sort it.
    ///
    /// The array's order is another one then.
    ///
    /// - Parameter ranks: places in the array, ascending.
    mutating func select(_ ranks: [Int]) -> [Element] {
        withUnsafeMutableBufferPointer { elements in
            elements.place(ranks[...], in: 0..<elements.count)
            return ranks.map { elements[$0] }
        }
    }
}

extension UnsafeMutableBufferPointer where Element: Comparable {
    /// Moves elements about so that those of some places stand where they would if all were sorted.
    ///
    /// - Parameters:
    ///   - ranks: places in the range, ascending.
    ///   - range: no element in front of it is greater than one in it, and none behind it smaller.
    fileprivate func place(_ ranks: ArraySlice<Int>, in range: Range<Int>) {
        let centre = range.lowerBound + range.count / 2
        // What halves the range leaves least to be gone through again.
        guard range.count > 1, let middle = ranks.min(by: { abs($0 - centre) < abs($1 - centre) }) else { return }
        place(middle, in: range)
        place(ranks.prefix { $0 < middle }, in: range.lowerBound..<middle)
        place(ranks.drop { $0 <= middle }, in: (middle + 1)..<range.upperBound)
    }

    /// Moves the elements of a range about so that one stands where it would if all were sorted, the smaller in front of it.
    private func place(_ rank: Int, in range: Range<Int>) {
        var (low, end) = (range.lowerBound, range.upperBound)
        // Each round halves the range, more or less; what chooses its pivots badly that often is sorted.
        var rounds = 2 * (Int.bitWidth - range.count.leadingZeroBitCount)
        while end - low > 1 {
            guard rounds > 0, end - low > 24 else {
                var rest = self[low..<end]
                return rest.sort()
            }
            rounds -= 1
            let pivot = pivot(near: rank, in: low..<end)
            let parting = partition(low..<end) { $0 < pivot }
            if rank < parting {
                end = parting
                continue
            }
            let before = parting - low
            low = parting
            // Where hardly any is smaller, many may be the same.
            guard before < (end - low) / 8 else { continue }
            let behind = partition(low..<end) { !(pivot < $0) }
            if rank < behind { return }
            low = behind
        }
    }

    /// An element that leaves few more than needed on the side of a place: one of a sample that lies a little beyond it.
    private func pivot(near rank: Int, in range: Range<Int>) -> Element {
        let count = range.count
        guard count > 256 else {
            return Self.middle(self[range.lowerBound], self[range.lowerBound + count / 2], self[range.upperBound - 1])
        }
        let size = 32
        var sample = (0..<size).map { self[range.lowerBound + $0 * (count - 1) / (size - 1)] }
        sample.sort()
        let place = (rank - range.lowerBound) * size / count
        return sample[Swift.min(Swift.max(place + (place < size / 2 ? 3 : -3), 0), size - 1)]
    }

    /// Moves the elements that belong to the front there, without a branch that would be guessed wrongly half the time.
    ///
    /// - Returns: where the others begin.
    @inline(__always)
    private func partition(_ range: Range<Int>, _ belongsToFront: (Element) -> Bool) -> Int {
        var parting = range.lowerBound
        for index in range {
            let element = self[index]
            self[index] = self[parting]
            self[parting] = element
            parting &+= belongsToFront(element) ? 1 : 0
        }
        return parting
    }

    private static func middle(_ first: Element, _ second: Element, _ third: Element) -> Element {
        Swift.max(Swift.min(first, second), Swift.min(Swift.max(first, second), third))
    }
}
