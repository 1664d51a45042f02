import Formats
import ImageSets

/// Which labels of which set become which class of the package.
struct ClassPlan {
    /// The classes in order.
    private(set) var classes: [ExportedClass] = []
    /// For each set and each of its categories the class, or -1 where the label is left out.
    private(set) var positions: [[Int]] = []
    /// Labels that the request names and no set has.
    private(set) var missing: [String] = []

    /// - Parameters:
    ///   - sets: the categories of each set, in order.
    ///   - wanted: what the request asks for; all labels in the order of the sets where empty.
    init(_ sets: [[ImageCategory]], _ wanted: [ImageClass]) {
        var labels: [String] = []
        var first: [String: ImageCategory] = [:]
        for category in sets.joined() where first[category.name] == nil {
            labels.append(category.name)
            first[category.name] = category
        }
        let entries = wanted.isEmpty ? [ImageClass(ImageClass.others)] : wanted
        let named = Set(entries.filter { $0.name != ImageClass.others }.flatMap { $0.from.isEmpty ? [$0.name] : $0.from })
        var classOf: [String: Int] = [:]
        for entry in entries {
            if entry.name == ImageClass.others, entry.from.isEmpty {
                for label in labels where !named.contains(label) { add(label, [label], first, &classOf) }
            } else {
                let from = entry.from.isEmpty ? [entry.name] : entry.from
                missing += from.filter { first[$0] == nil }
                add(entry.name, from, first, &classOf)
            }
        }
        positions = sets.map { categories in categories.map { classOf[$0.name] ?? -1 } }
    }

    private mutating func add(_ name: String, _ from: [String], _ known: [String: ImageCategory], _ classOf: inout [String: Int]) {
        // A label of which nothing is known still is a class, so that packages of a store that grows keep their numbers.
        var index = classes.count
        if let same = classes.firstIndex(where: { $0.name == name }) {
            index = same
        } else {
            let members = from.compactMap { known[$0] }
            var category = members.first { !$0.keypoints.isEmpty } ?? members.first ?? ImageCategory(name: name)
            category.name = name
            classes.append(ExportedClass(category: category, index: classes.count))
        }
        for label in from { classOf[label] = index }
    }
}
