extension Array where Element: Comparable {
    /// The elements that would stand at some places if the array were sorted, which takes less than to sort it.
    ///
    /// The array's order is another one then.
    ///
    /// - Parameter ranks: places in the array, ascending.
    mutating func select(_ ranks: [Int]) -> [Element] {
        withUnsafeMutableBufferPointer { elements in
            var start = 0
            return ranks.map { rank in
                elements.place(rank, from: start)
                start = rank
                return elements[rank]
            }
        }
    }
}

extension UnsafeMutableBufferPointer where Element: Comparable {
    /// Moves elements about so that one stands where it would if all were sorted, the smaller in front of it.
    ///
    /// - Parameter start: no element behind this place is smaller than one in front of it.
    fileprivate func place(_ rank: Int, from start: Int) {
        var (low, high) = (start, count - 1)
        // Each round halves the range, more or less; what chooses its pivots badly that often is sorted.
        var rounds = 2 * (Int.bitWidth - count.leadingZeroBitCount)
        while low < high {
            guard rounds > 0, high - low > 16 else {
                var rest = self[low...high]
                return rest.sort()
            }
            rounds -= 1
            let pivot = Self.middle(self[low], self[low + (high - low) / 2], self[high])
            var (left, right) = (low, high)
            while left <= right {
                while self[left] < pivot { left += 1 }
                while pivot < self[right] { right -= 1 }
                guard left <= right else { break }
                swapAt(left, right)
                left += 1
                right -= 1
            }
            if rank <= right {
                high = right
            } else if rank >= left {
                low = left
            } else {
                return
            }
        }
    }

    private static func middle(_ first: Element, _ second: Element, _ third: Element) -> Element {
        Swift.max(Swift.min(first, second), Swift.min(Swift.max(first, second), third))
    }
}
