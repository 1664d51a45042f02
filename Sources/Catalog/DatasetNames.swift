/// Gives every dataset of all stores an identifier that no other one has.
///
/// A dataset is called by its path below its store, so that one store needs no prefix and requests stay as they are when
/// a store is added. Where two would be called the same, the one in the store that is configured first keeps the plain
/// name, and in one store a folder goes before a flat recording beside it. The other one is called
/// `<store folder>/<name>`, with `~2`, `~3` and so on where even that is taken.
enum DatasetNames {
    /// What a dataset would like to be called, and its store as a position in the list of stores.
    struct Claim {
        var store: Int
        var name: String
        var layoutRank: Int
    }

    /// The identifiers of datasets, in the order given.
    ///
    /// - Parameters:
    ///   - claims: in the order of the stores.
    ///   - stores: the stores' roots, in the order of configuration.
    static func assign(_ claims: [Claim], stores: [String]) -> [String] {
        var labels: [String] = []
        for store in stores {
            labels.append(unused(Candidate.lastComponent(of: store)) { labels.contains($0) })
        }
        var taken: Set<String> = []
        taken.reserveCapacity(claims.count)
        var names = [String](repeating: "", count: claims.count)
        var clashes: [Int] = []
        let order = claims.indices.sorted { (claims[$0].store, claims[$0].layoutRank, $0) < (claims[$1].store, claims[$1].layoutRank, $1) }
        // All plain names first, so that no prefixed name takes one away.
        for index in order {
            if taken.insert(claims[index].name).inserted {
                names[index] = claims[index].name
            } else {
                clashes.append(index)
            }
        }
        for index in clashes {
            let name = unused("\(labels[claims[index].store])/\(claims[index].name)") { taken.contains($0) }
            taken.insert(name)
            names[index] = name
        }
        return names
    }

    /// A name, with a number where it is taken.
    private static func unused(_ name: String, isTaken: (String) -> Bool) -> String {
        guard isTaken(name) else { return name }
        var number = 2
        while isTaken("\(name)~\(number)") { number += 1 }
        return "\(name)~\(number)"
    }
}
