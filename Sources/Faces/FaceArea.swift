/// What is covered of a picture because a face is there.
public struct FaceArea: Hashable, Sendable {
    /// The rectangle, margins included; it may reach beyond the picture.
    public let box: FaceBox
    /// Whether a detector still finds a face through the veil that was asked for, so that nothing at all may be left of it.
    public let isFilled: Bool

    /// A rectangle that is covered.
    public init(box: FaceBox, isFilled: Bool = false) {
        self.box = box
        self.isFilled = isFilled
    }
}
