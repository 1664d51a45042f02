/// A binary heap that gives its smallest element first.
struct MinimumHeap<Element: Comparable> {
    /// The elements in no particular order but the first, which is the smallest.
    private(set) var all: [Element] = []

    /// The smallest element.
    var first: Element? { all.first }

    mutating func insert(_ element: Element) {
        all.append(element)
        var place = all.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard all[place] < all[parent] else { return }
            all.swapAt(place, parent)
            place = parent
        }
    }

    mutating func popFirst() -> Element? {
        guard let last = all.popLast() else { return nil }
        guard let first = all.first else { return last }
        all[0] = last
        var place = 0
        while true {
            var smallest = place
            for child in (2 * place + 1)...(2 * place + 2) where child < all.count && all[child] < all[smallest] { smallest = child }
            guard smallest != place else { return first }
            all.swapAt(place, smallest)
            place = smallest
        }
    }
}
