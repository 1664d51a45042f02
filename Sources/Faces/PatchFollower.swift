import CFaces

/// Finds in one picture what was in a rectangle of another, by how alike the pixels are.
struct PatchFollower {
    /// What was found.
    struct Step {
        var box: FaceBox
        /// 1 for the same pixels but for brightness and contrast, 0 for nothing alike.
        var likeness: Float
    }

    /// Larger faces are made smaller before they are compared.
    private static let patchSide = 26

    /// Follows a rectangle from one picture to another of the same size.
    ///
    /// - Parameter drift: how far it is likely to have gone.
    /// - Returns: nil where too little of it lies in the picture.
    func follow(_ box: FaceBox, from: GrayImage, to: GrayImage, drift: (x: Float, y: Float)) throws(FaceError) -> Step? {
        guard var patch = PixelArea(box.grown(by: 0.9), in: from) else { return nil }
        let shrink = max(1, min((max(patch.width, patch.height) + Self.patchSide - 1) / Self.patchSide, min(patch.width, patch.height) / 4))
        // In whole steps: what is off by part of a pixel from one picture to the next has run off the face after half a second.
        patch = patch.trimmed(to: shrink)
        let reach = max(6, box.side * 0.45)
        let guess = FaceBox(x: Float(patch.x), y: Float(patch.y), width: Float(patch.width), height: Float(patch.height))
            .moved(drift.x, drift.y)
        let around = FaceBox(x: guess.x - reach, y: guess.y - reach, width: guess.width + 2 * reach, height: guess.height + 2 * reach)
        guard let area = PixelArea(around, in: to)?.trimmed(to: shrink), area.width >= patch.width, area.height >= patch.height else {
            return nil
        }
        let found: (x: Float, y: Float, likeness: Float)
        if shrink == 1 {
            found = try match(to, area, from, patch)
        } else {
            let small = try from.resized(patch, width: patch.width / shrink, height: patch.height / shrink)
            let field = try to.resized(area, width: area.width / shrink, height: area.height / shrink)
            let match = try match(
                field,
                PixelArea(x: 0, y: 0, width: field.width, height: field.height),
                small,
                PixelArea(x: 0, y: 0, width: small.width, height: small.height)
            )
            found = (match.x * Float(shrink), match.y * Float(shrink), match.likeness)
        }
        let (dx, dy) = (Float(area.x - patch.x) + found.x, Float(area.y - patch.y) + found.y)
        return Step(box: box.moved(dx, dy), likeness: found.likeness)
    }

    private func match(
        _ field: GrayImage,
        _ area: PixelArea,
        _ image: GrayImage,
        _ patch: PixelArea
    ) throws(FaceError) -> (x: Float, y: Float, likeness: Float) {
        var match = exportd_match()
        let failure = field.withView(area) { area in
            image.withView(patch) { patch in
                Library.failure("follow a face") { message in exportd_gray_match(area, patch, &match, message) }
            }
        }
        if let failure { throw failure }
        // Of pixels that are all alike nothing can be said.
        return (match.x, match.y, match.likeness.isFinite ? match.likeness : 0)
    }
}
