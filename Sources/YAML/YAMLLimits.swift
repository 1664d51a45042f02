/// How much a YAML file may hold.
public struct YAMLLimits: Hashable, Sendable {
    /// Bytes of the file.
    public var bytes: Int = 1 << 20
    /// Mappings and lists inside each other.
    public var depth: Int = 32
    /// Keys and values, each alias counted as all that it stands for.
    public var nodes: Int = 10_000

    /// The limits of the contract: 1 MiB, depth 32, 10,000 nodes.
    public init() {}
}
