/// The classes of a set, with the ids that annotations name them by, which may be met before the classes are.
struct CategoryTable {
    /// Slots of ids below this are found without a hash; files mostly count from 0 or 1.
    private static let fewIDs: Int64 = 4_096

    private var slots: [Int64: UInt32] = [:]
    private var slotsOfSmallIDs: [UInt32?] = []
    /// For each slot the position of its class; -1 where the file has none of that id.
    private(set) var positions: [Int32] = []
    private var categories: [ImageCategory] = []
    private var above: [String: String] = [:]
    private var known: [String: Int32] = [:]

    /// The slot of an id; nil where it is new and there are more ids than any file has categories.
    mutating func slot(of id: Int64) -> UInt32? {
        let isSmall = (0..<Self.fewIDs).contains(id)
        if isSmall, id < slotsOfSmallIDs.count, let slot = slotsOfSmallIDs[Int(id)] { return slot }
        if let found = slots[id] { return found }
        guard positions.count < 4 * ImageSetLimits.categories else { return nil }
        let slot = UInt32(positions.count)
        slots[id] = slot
        positions.append(-1)
        if isSmall {
            while slotsOfSmallIDs.count <= id { slotsOfSmallIDs.append(nil) }
            slotsOfSmallIDs[Int(id)] = slot
        }
        return slot
    }

    mutating func add(_ category: ImageCategory, above supercategory: String?, id: Int64?, to summary: inout TableSummary) {
        if let position = known[category.name] {
            summary.mergedCategories.append(category.name)
            if let id, let slot = slot(of: id), positions[Int(slot)] == -1 { positions[Int(slot)] = position }
            return
        }
        if let id, let free = slot(of: id) {
            let slot = Int(free)
            guard positions[slot] == -1 else { return summary.repeatedCategories.append(category.name) }
            positions[slot] = Int32(categories.count)
        }
        known[category.name] = Int32(categories.count)
        categories.append(category)
        if let supercategory, !supercategory.isEmpty { above[category.name] = supercategory }
    }

    /// The classes with their supercategories, but for those that lead back to themselves.
    func finished(_ summary: inout TableSummary) -> [ImageCategory] {
        var categories = categories
        for index in categories.indices {
            let name = categories[index].name
            guard let supercategory = above[name] else { continue }
            // A class may name itself: that is how many tools say that there is nothing above it.
            var step: String? = supercategory == name ? nil : supercategory
            var count = 0
            while let at = step, at != name, count <= above.count {
                step = above[at] == at ? nil : above[at]
                count += 1
            }
            if step == name {
                summary.circularCategories.append(name)
            } else {
                categories[index].supercategory = supercategory
            }
        }
        return categories
    }
}
