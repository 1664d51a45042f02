/// One value of a YAML document, with the place where it begins.
public struct Node: Hashable, Sendable {
    /// What a node holds.
    public indirect enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
    }

    /// What the node holds.
    public var content: Content
    /// Where it begins.
    ///
    /// A node that stands behind an alias keeps the place of its anchor.
    public var position: Position

    /// A node at a place.
    public init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }
}

/// One key of a mapping with its value.
public struct Entry: Hashable, Sendable {
    /// The key's text.
    public var key: String
    /// Where the key begins.
    public var position: Position
    /// The key's value.
    public var value: Node

    /// A key with its value.
    public init(key: String, at position: Position, value: Node) {
        self.key = key
        self.position = position
        self.value = value
    }
}
