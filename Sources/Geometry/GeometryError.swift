/// Why a shape cannot be taken as what it claims to be.
public struct GeometryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence: what is wrong with the shape.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
