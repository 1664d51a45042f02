/// What a file of a recording is.
public enum RecordingFormat: String, Codable, Sendable {
    /// An MCAP file.
    case mcap
    /// A ROS 1 bag of version 2.0.
    case bag = "ros1_bag"
    /// A database of rosbag2's SQLite storage.
    case database = "rosbag2_database"

    /// The name for people.
    public var name: String {
        switch self {
        case .mcap: "MCAP file"
        case .bag: "ROS 1 bag"
        case .database: "rosbag2 database"
        }
    }
}
