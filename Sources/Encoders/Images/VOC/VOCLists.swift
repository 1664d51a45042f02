import Files
import ImageSets

/// The lists of images below `ImageSets/`, gathered image by image.
struct VOCLists {
    private struct Entry {
        var stem: String
        var split: ImageSplit
        var isPainted: Bool
    }

    /// Whether an image shows a class: 1, or 0 where everything of that class is difficult.
    private struct Presence {
        var image: UInt32
        var classIndex: Int32
        var isDifficult: Bool
    }

    private static let block = 1 << 18

    private let hasClasses: Bool
    private var images: [Entry] = []
    private var presences: [Presence] = []

    init(hasClasses: Bool) {
        self.hasClasses = hasClasses
    }

    /// Begins an image.
    mutating func begin(_ image: ExportedImage, isPainted: Bool) {
        images.append(Entry(stem: image.stem, split: image.split, isPainted: isPainted))
    }

    /// An object of the image.
    mutating func add(class index: Int, isDifficult: Bool) {
        guard hasClasses else { return }
        presences.append(Presence(image: UInt32(images.count - 1), classIndex: Int32(index), isDifficult: isDifficult))
    }

    /// Writes all lists.
    ///
    /// - Parameter check: called between files; throws to stop.
    mutating func write(
        to folder: String,
        classes: [ExportedClass],
        splits: [ImageSplit],
        hasMasks: Bool,
        check: () throws -> Void
    ) throws {
        // Without the kit's trainval: readers that take each list for a set of its own would see these images twice.
        let sets = ImageSplit.allCases.filter { $0 != .test || splits.contains(.test) }
        try FileSystem.makeDirectories("\(folder)/Main")
        if hasMasks { try FileSystem.makeDirectories("\(folder)/Segmentation") }
        for set in sets {
            try Self.write("\(folder)/Main/\(set.rawValue).txt", images) { $0.split == set ? "" : nil }
            if hasMasks {
                try Self.write("\(folder)/Segmentation/\(set.rawValue).txt", images) { image in
                    image.split == set && image.isPainted ? "" : nil
                }
            }
        }
        guard hasClasses else { return }
        presences.sort { ($0.classIndex, $0.image) < ($1.classIndex, $1.image) }
        var next = 0
        var names = ClassFileNames()
        for entry in classes {
            try check()
            // -1: not there; 0: there, but difficult; 1: there.
            var marks = [Int8](repeating: -1, count: images.count)
            while next < presences.count, presences[next].classIndex == Int32(entry.index) {
                let presence = presences[next]
                marks[Int(presence.image)] = max(marks[Int(presence.image)], presence.isDifficult ? 0 : 1)
                next += 1
            }
            let name = names.name(for: entry.name)
            for set in sets {
                var index = -1
                try Self.write("\(folder)/Main/\(name)_\(set.rawValue).txt", images) { image in
                    index += 1
                    guard image.split == set else { return nil }
                    return marks[index] < 0 ? " -1" : marks[index] == 0 ? "  0" : "  1"
                }
            }
        }
    }

    private static func write(_ path: String, _ images: [Entry], _ mark: (Entry) -> String?) throws {
        let file = try OpenFile.creating(path)
        var bytes: [UInt8] = []
        for image in images {
            guard let mark = mark(image) else { continue }
            bytes.append(contentsOf: image.stem.utf8)
            bytes.append(contentsOf: mark.utf8)
            bytes.append(UInt8(ascii: "\n"))
            if bytes.count >= block {
                try file.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(bytes)
        try file.closeChecked()
    }

    /// A name on a line of its own.
    static func onOneLine(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

/// Names of files made of names of classes: no folders, no list's own name, and no two alike.
private struct ClassFileNames {
    private var taken: Set<String> = []

    mutating func name(for text: String) -> String {
        var scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isKept = scalar != "/" && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
            return isKept ? scalar : "_"
        }
        // With "_train.txt" behind it a file's name has at most 255 bytes.
        while scalars.reduce(0, { $0 + UTF8.width($1) }) > 200 { scalars.removeLast() }
        let base = String(String.UnicodeScalarView(scalars))
        var name = base
        var number = 2
        while !taken.insert(name.lowercased()).inserted {
            name = "\(base)_\(number)"
            number += 1
        }
        return name
    }
}
