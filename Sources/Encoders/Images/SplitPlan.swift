import ExportCore
import Formats
import ImageSets

/// Which split each image belongs to.
struct SplitPlan {
    /// Upper ends of the splits' shares, in the order train, val, test; empty where the sets say it themselves.
    private var shares: [(split: ImageSplit, end: Double)] = []
    private let seed: Int

    init(_ contents: ImageContents) {
        seed = contents.seed
        guard !contents.splits.isEmpty else { return }
        var end = 0.0
        for split in ImageSplit.allCases {
            guard let share = contents.splits[split.rawValue], share > 0 else { continue }
            end += share
            shares.append((split, end))
        }
    }

    /// Whether splits are drawn, and not what the sets say.
    var draws: Bool { !shares.isEmpty }

    /// The split of an image.
    ///
    /// Drawn by a hash of the set's name, the image's group or else file, and the seed: whatever else is exported, and however
    /// the set grows, an image stays where it is. FNV-1a by 64 bits, its bits mixed once more as MurmurHash3 does.
    func split(of image: SetImage, in dataset: DatasetID) -> ImageSplit {
        guard let last = shares.last else { return image.split ?? .train }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ text: some StringProtocol) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = hash &* 0x100_0000_01B3
        }
        add(dataset.text)
        add(image.group.map { "group \($0)" } ?? image.file)
        add(String(seed))
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        hash ^= hash >> 33
        let place = Double(hash >> 11) / Double(1 << 53) * last.end
        return shares.first { place < $0.end }?.split ?? last.split
    }
}
