import Geometry
import TestSupport
import Testing

@Suite struct ShapeTests {
    @Test func `a box is cut at the picture's edges`() {
        #expect(PixelBox(x: -2, y: 3, width: 10, height: 10).clipped(width: 6, height: 8) == PixelBox(x: 0, y: 3, width: 6, height: 5))
        #expect(PixelBox(x: 7, y: 3, width: 10, height: 10).clipped(width: 6, height: 8) == nil)
        #expect(PixelBox(x: 1, y: 3, width: .nan, height: 10).clipped(width: 6, height: 8) == nil)
        #expect(!PixelBox(x: 0, y: 0, width: 0, height: 5).isProper)
    }

    @Test func `a turn is clockwise as the picture is seen`() {
        let corners = PixelBox(x: 0, y: 0, width: 4, height: 2).corners(rotatedBy: 90)
        #expect(corners == [3, -1, 3, 3, 1, 3, 1, -1])
        #expect(PixelBox(x: 0, y: 0, width: 4, height: 2).corners(rotatedBy: -270) == corners)
    }

    @Test func `the smallest rectangle around a turned box is that box`() throws {
        var numbers = SeededGenerator(seed: 9)
        for _ in 0..<200 {
            let box = PixelBox(
                x: .random(in: -50...50, using: &numbers),
                y: .random(in: -50...50, using: &numbers),
                width: .random(in: 1...80, using: &numbers),
                height: .random(in: 1...80, using: &numbers)
            )
            let corners = box.corners(rotatedBy: .random(in: -180...180, using: &numbers))
            // Points inside and on the sides change nothing.
            var points = corners
            for _ in 0..<20 {
                let (u, v) = (Double.random(in: 0...1, using: &numbers), Double.random(in: 0...1, using: &numbers))
                for axis in 0..<2 {
                    let (a, b, d) = (corners[axis], corners[2 + axis], corners[6 + axis])
                    points.append(a + (b - a) * u + (d - a) * v)
                }
            }
            let found = try #require(SmallestRectangle.around(points))
            #expect(abs(doubleArea(found) / 2 - box.area) < 1e-6 * box.area)
            for index in stride(from: 0, to: 8, by: 2) {
                let distances = stride(from: 0, to: 8, by: 2).map {
                    abs(found[$0] - corners[index]) + abs(found[$0 + 1] - corners[index + 1])
                }
                #expect(distances.contains { $0 < 1e-6 })
            }
        }
        #expect(SmallestRectangle.around([1, 1, 2, 2, 3, 3]) == nil)
        #expect(SmallestRectangle.around([1, 1]) == nil)
        #expect(SmallestRectangle.around([]) == nil)
    }

    @Test func `a polygon is cut at the picture's edges`() throws {
        let cut = PolygonClip.clipped([-5, 2, 5, -8, 15, 2, 5, 12], width: 10, height: 10)
        #expect(PolygonClip.overhang(cut, width: 10, height: 10) == 0)
        #expect(doubleArea(cut) / 2 == 91)
        #expect(PolygonClip.clipped([20, 20, 30, 20, 30, 30], width: 10, height: 10).isEmpty)
        #expect(PolygonClip.clipped([1, 1, 3, 1, 3, 3], width: 10, height: 10) == [1, 1, 3, 1, 3, 3])
        #expect(PolygonClip.clamped([-0.4, 5, 10.2, 11], width: 10, height: 10) == [0, 5, 10, 10])
        #expect(PolygonClip.overhang([-0.4, 5, 10.2, 11], width: 10, height: 10) == 1)
    }

    @Test func `parts are joined where they are nearest, and take no area more`() throws {
        let parts: [[Double]] = [[0, 0, 4, 0, 4, 4, 0, 4], [6, 4, 9, 4, 9, 9, 6, 9], [12, 0, 14, 0, 14, 3, 12, 3]]
        let joined = PolygonJoin.bridged(parts)
        #expect(doubleArea(joined) / 2 == 16 + 15 + 6)
        #expect(joined.count == 24 + 2 * 2 * 2)
        let union = try RunLengthMask(polygons: parts, width: 16, height: 10)
        #expect(try RunLengthMask(polygon: joined, width: 16, height: 10).rows == union.rows)
        #expect(PolygonJoin.bridged([]) == [])
        #expect(PolygonJoin.bridged([[1, 1, 2, 1, 2, 2]]) == [1, 1, 2, 1, 2, 2])
    }

    @Test func `joining parts of very many points ends`() {
        let ring = { (x: Double) in (0..<50_000).flatMap { [x + Double($0 % 1_000), Double($0 / 1_000)] } }
        #expect(PolygonJoin.bridged([ring(0), ring(2_000)]).count == 2 * 2 * 50_000 + 4)
    }
}
