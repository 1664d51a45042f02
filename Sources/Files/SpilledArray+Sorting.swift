extension SpilledArray {
    /// So many elements are sorted in memory at a time.
    private static var run: Int { 1 << 15 }

    /// The elements in an order; equal ones stay in the order that they have.
    ///
    /// A list that is in order already is returned as it is. Of a long one stretches are sorted in memory, and the sorted stretches merged.
    ///
    /// - Parameters:
    ///   - directory: where files for long lists are made.
    ///   - precedes: whether the first of two elements must stand before the second.
    ///   - check: called now and then; what it throws ends the work.
    /// - Throws: `FileError` where a file cannot be written; what `check` throws.
    public func sorted(
        in directory: String,
        by precedes: (Element, Element) -> Bool,
        check: () throws -> Void = {}
    ) throws -> SpilledArray {
        if indices.dropFirst().allSatisfy({ !precedes(self[$0], self[$0 - 1]) }) { return self }
        // The standard library's sort is stable.
        guard count > Self.run else { return SpilledArray(self.sorted(by: precedes)) }
        let runs = SpilledArrayWriter<Element>(in: directory)
        for start in stride(from: 0, to: count, by: Self.run) {
            try check()
            for element in self[start..<Swift.min(start + Self.run, count)].sorted(by: precedes) { try runs.append(element) }
            giveBack()
        }
        let sorted = try runs.finish()
        let merged = SpilledArrayWriter<Element>(in: directory)
        var rests = RunHeads(sorted, run: Self.run, precedes)
        while let element = rests.popFirst(precedes) {
            if merged.count & 0x7FFF == 0 {
                try check()
                sorted.giveBack()
            }
            try merged.append(element)
        }
        return try merged.finish()
    }
}

/// What is left of stretches of a list each of which is in order.
private struct RunHeads<Element: BitwiseCopyable & Sendable> {
    private let list: SpilledArray<Element>
    /// The rest of each stretch, as a heap by their first elements; none is empty.
    private var rests: [Range<Int>]

    init(_ list: SpilledArray<Element>, run: Int, _ precedes: (Element, Element) -> Bool) {
        self.list = list
        rests = stride(from: 0, to: list.count, by: run).map { $0..<Swift.min($0 + run, list.count) }
        for place in (0..<rests.count / 2).reversed() { sink(place, precedes) }
    }

    /// The first of all elements.
    mutating func popFirst(_ precedes: (Element, Element) -> Bool) -> Element? {
        guard let rest = rests.first else { return nil }
        let element = list[rest.lowerBound]
        if rest.count > 1 {
            rests[0] = rest.lowerBound + 1..<rest.upperBound
        } else {
            let last = rests.removeLast()
            if !rests.isEmpty { rests[0] = last }
        }
        sink(0, precedes)
        return element
    }

    /// Of equal elements those come first that stood first.
    private func comesFirst(_ left: Range<Int>, _ right: Range<Int>, _ precedes: (Element, Element) -> Bool) -> Bool {
        let (first, second) = (list[left.lowerBound], list[right.lowerBound])
        return precedes(first, second) || !precedes(second, first) && left.lowerBound < right.lowerBound
    }

    private mutating func sink(_ start: Int, _ precedes: (Element, Element) -> Bool) {
        var place = start
        while true {
            var least = place
            for child in 2 * place + 1...2 * place + 2
            where child < rests.count && comesFirst(rests[child], rests[least], precedes) {
                least = child
            }
            if least == place { return }
            rests.swapAt(place, least)
            place = least
        }
    }
}
