/// What files are called that hold a video beside a recording.
public enum VideoFileName {
    /// The ends of their names, with the dot.
    public static let extensions = [".avi", ".mkv", ".mov", ".mp4"]

    /// Whether a file name or path is that of a video, whatever the case of its end.
    public static func isVideo(_ name: String) -> Bool {
        let name = name.lowercased()
        return extensions.contains { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }
    }
}
