/// The names by which files are known for recordings; what they really hold, their first bytes tell when they are opened.
public enum RecordingFileName {
    /// MCAP files and rosbag2 databases, which rosbag2 may compress as a whole.
    private static let rosbag2 = [".mcap", ".db3", ".mcap.zstd", ".db3.zstd"]
    /// The first one is what a recording is called of which only companions are left.
    private static let all = [".mcap", ".bag", ".db3", ".mcap.zstd", ".db3.zstd"]
    /// What ROS 1 calls a bag while it records it.
    private static let unfinished = ".bag.active"

    /// The names of the recording in a dataset's folder; where there are several, the first one counts.
    public static let inFolder = all.map { "data" + $0 }
    /// The name of a flat recording of which only companions are left.
    public static func missing(_ stem: String) -> String { stem + all[0] }

    /// Whether a file of this name is a recording.
    public static func isRecording(_ name: String) -> Bool { suffix(of: name) != nil }

    /// Whether a file of this name may be a volume of a rosbag2 folder.
    public static func isVolume(_ name: String) -> Bool { suffix(of: name).map(rosbag2.contains) ?? false }

    /// Whether a file of this name is being recorded.
    public static func isUnfinished(_ name: String) -> Bool { name.hasSuffix(unfinished) }

    /// A recording's name, or its path, without what makes it a recording.
    public static func stem(_ name: String) -> String { String(name.dropLast(suffix(of: name)?.utf8.count ?? 0)) }

    /// The name of the same volume in the other state: compressed as a whole, or decompressed since.
    public static func sibling(_ name: String) -> String {
        name.hasSuffix(".zstd") ? String(name.dropLast(".zstd".utf8.count)) : name + ".zstd"
    }

    /// The names under which a volume may lie in its rosbag2 folder, the likeliest first: people compress and decompress
    /// volumes, and the first versions of rosbag2 put the folder's name in front.
    public static func possibleNames(ofVolume name: String) -> [String] {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        return [name, sibling(name), last, sibling(last)]
    }

    private static func suffix(of name: String) -> String? {
        all.first { name.hasSuffix($0) && name.utf8.count > $0.utf8.count && !name.hasSuffix("/" + $0) }
    }
}
