/// Paths that a set names its files by.
public enum ImagePath {
    /// Whether a path leads to a place below one of the set's folders: relative, without steps that are empty, `.` or `..`, and
    /// without control characters.
    public static func isInside(_ folder: String, _ path: String) -> Bool {
        var path = path
        return path.withUTF8 { path in
            path.count <= 1_024 && path.starts(with: folder.utf8) && path.count > folder.utf8.count
                && path[folder.utf8.count] == UInt8(ascii: "/") && areSteps(path)
        }
    }

    /// Whether a path consists of names that are taken as they are, of no more than 32 of them.
    private static func areSteps(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        var start = 0
        var steps = 0
        for end in 0...path.count {
            if end < path.count {
                let byte = path[end]
                guard byte >= 0x20, byte != 0x7F, byte != UInt8(ascii: "\\") else { return false }
                guard byte == UInt8(ascii: "/") else { continue }
            }
            let step = path[start..<end]
            guard !step.isEmpty, step.count <= 255, !step.elementsEqual(".".utf8), !step.elementsEqual("..".utf8) else { return false }
            steps += 1
            start = end + 1
        }
        return steps <= 32
    }
}
