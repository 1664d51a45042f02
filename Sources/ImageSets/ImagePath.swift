/// Paths that a set names its files by.
public enum ImagePath {
    /// Whether a path leads to a place below one of the set's folders: relative, without steps that are empty, `.` or `..`, and
    /// without control characters.
    public static func isInside(_ folder: String, _ path: String) -> Bool {
        guard path.utf8.count <= 1_024, !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F || $0 == "\\" }) else {
            return false
        }
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count >= 2, steps[0] == folder, steps.count <= 32 else { return false }
        return steps.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }
    }
}
