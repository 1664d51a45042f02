import Testing

@testable import Faces

/// Following from picture to picture.
@Suite struct PatchFollowerTests {
    /// Blobs of different sizes and brightness that have gone a part of a pixel further in each picture.
    private static func picture(_ x: Float, _ y: Float) -> GrayImage {
        let blobs: [(x: Float, y: Float, size: Float, light: Float)] = [
            (70, 60, 90, 60), (92, 58, 40, -70), (60, 74, 60, 50), (80, 84, 30, 80), (98, 80, 70, -40),
        ]
        let pixels = (0..<160 * 140).map { place -> UInt8 in
            let (column, row) = (Float(place % 160), Float(place / 160))
            let light = blobs.reduce(Float(110)) { light, blob in
                let (dx, dy) = (column - blob.x - x, row - blob.y - y)
                return light + blob.light / (1 + (dx * dx + dy * dy) / blob.size)
            }
            return UInt8(min(max(light, 0), 255))
        }
        return GrayImage(width: 160, height: 140, pixels: pixels)
    }

    @Test(arguments: [(Float(0), Float(0)), (0.4, 0.3), (-0.45, 0.35), (1.3, -0.7)], [Float(24), 44, 61])
    func `what is followed through half a second is still where it is`(_ step: (Float, Float), _ side: Float) throws {
        let follower = PatchFollower()
        let start = FaceBox(x: 80 - side / 2, y: 70 - side / 2, width: side, height: side * 1.1)
        var box = start
        for number in 1...15 {
            let (before, now) = (Float(number - 1), Float(number))
            let next = try follower.follow(
                box,
                from: Self.picture(step.0 * before, step.1 * before),
                to: Self.picture(step.0 * now, step.1 * now),
                drift: (0, 0)
            )
            box = try #require(next).box
        }
        #expect(abs(box.x - start.x - 15 * step.0) < 2)
        #expect(abs(box.y - start.y - 15 * step.1) < 2)
    }
}
