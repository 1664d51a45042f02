/// The units of the fields of common ROS types: SI throughout, as REP 103 has it and the comments of the types say.
enum FieldUnits {
    /// The unit of a field; nil where the type does not fix it (a joint turns or slides) or is not known here.
    static func unit(of path: [ColumnStep], type: String) -> String? {
        guard let rules = byType[type] else { return nil }
        let fields = path.compactMap { step in if case .field(let name) = step { name } else { nil } }
        return rules.first { fields.starts(with: $0.path) }?.unit
    }

    private typealias Rule = (path: [String], unit: String)

    private static func rule(_ path: String, _ unit: String) -> Rule { (path.split(separator: ".").map { String($0) }, unit) }

    private static func pose(_ prefix: String) -> Rule { rule("\(prefix).position", "m") }

    private static func twist(_ prefix: String) -> [Rule] { [rule("\(prefix).linear", "m/s"), rule("\(prefix).angular", "rad/s")] }

    private static let byType: [String: [Rule]] = [
        "geometry_msgs/Point": [rule("x", "m"), rule("y", "m"), rule("z", "m")],
        "geometry_msgs/PointStamped": [rule("point", "m")],
        "geometry_msgs/Pose": [rule("position", "m")],
        "geometry_msgs/PoseStamped": [pose("pose")],
        "geometry_msgs/PoseArray": [pose("poses")],
        "geometry_msgs/PoseWithCovarianceStamped": [pose("pose.pose")],
        "geometry_msgs/Twist": [rule("linear", "m/s"), rule("angular", "rad/s")],
        "geometry_msgs/TwistStamped": twist("twist"),
        "geometry_msgs/WrenchStamped": [rule("wrench.force", "N"), rule("wrench.torque", "N m")],
        "nav_msgs/Odometry": [pose("pose.pose")] + twist("twist.twist"),
        "sensor_msgs/BatteryState": [
            rule("voltage", "V"), rule("temperature", "°C"), rule("current", "A"), rule("charge", "A h"), rule("capacity", "A h"),
            rule("design_capacity", "A h"), rule("cell_voltage", "V"), rule("cell_temperature", "°C"),
        ],
        "sensor_msgs/FluidPressure": [rule("fluid_pressure", "Pa")],
        "sensor_msgs/Illuminance": [rule("illuminance", "lx")],
        "sensor_msgs/Imu": [rule("angular_velocity", "rad/s"), rule("linear_acceleration", "m/s²")],
        "sensor_msgs/LaserScan": [
            rule("angle_min", "rad"), rule("angle_max", "rad"), rule("angle_increment", "rad"), rule("time_increment", "s"),
            rule("scan_time", "s"), rule("range_min", "m"), rule("range_max", "m"), rule("ranges", "m"),
        ],
        "sensor_msgs/MagneticField": [rule("magnetic_field", "T")],
        "sensor_msgs/NavSatFix": [rule("latitude", "°"), rule("longitude", "°"), rule("altitude", "m"), rule("position_covariance", "m²")],
        "sensor_msgs/Range": [rule("field_of_view", "rad"), rule("min_range", "m"), rule("max_range", "m"), rule("range", "m")],
        "sensor_msgs/Temperature": [rule("temperature", "°C")],
        "tf2_msgs/TFMessage": [rule("transforms.transform.translation", "m")],
    ]
}
