/// Finds out whether faces are still found once they are covered.
///
/// What a veil leaves is little, but which of it is enough for a detector, above all for one that a site brings, nobody can say beforehand.
public struct VeilCheck {
    /// Covers rectangles of a picture as they will be in what is exported.
    public typealias Veil = (GrayImage, [FaceArea]) throws -> GrayImage

    /// So much around a rectangle is looked at with it, as a multiple of its sides: a detector may take what is beside it for hair and ears.
    private static let reach: Float = 1.5

    private let veil: Veil

    /// - Parameter veil: how faces are covered.
    public init(_ veil: @escaping Veil) {
        self.veil = veil
    }

    /// Which of some rectangles are to be filled.
    ///
    /// - Parameters:
    ///   - wanted: the numbers of those that are looked at.
    ///   - areas: all that is covered in the picture.
    /// - Returns: numbers of `areas` in which a face is found though they are covered.
    func seenThrough(_ wanted: [Int], of areas: [FaceArea], in picture: GrayImage, by finder: FaceFinder) throws -> [Int] {
        guard !wanted.isEmpty else { return [] }
        let covered = try veil(picture, areas)
        return try wanted.filter { number in
            let box = areas[number].box
            guard let part = PixelArea(box.grown(by: Self.reach), in: covered) else { return false }
            let faces = try finder.faces(in: try covered.resized(part, width: part.width, height: part.height), turn: nil)
            return faces.contains { face in
                let centre = face.moved(Float(part.x), Float(part.y)).centre
                return box.x <= centre.x && centre.x < box.x + box.width && box.y <= centre.y && centre.y < box.y + box.height
            }
        }
    }
}
