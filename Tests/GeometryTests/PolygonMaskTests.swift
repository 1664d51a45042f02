import Geometry
import TestSupport
import Testing

@Suite struct PolygonMaskTests {
    @Test func `a rectangle at pixel corners takes the pixels between them`() throws {
        let mask = try RunLengthMask(polygon: [1, 1, 4, 1, 4, 3, 1, 3], width: 6, height: 4)
        #expect(mask.rows == ["......", ".###..", ".###..", "......"])
    }

    @Test func `what lies outside the picture adds nothing`() throws {
        let mask = try RunLengthMask(polygon: [-5, -5, 3, -5, 3, 2, -5, 2], width: 6, height: 4)
        #expect(mask.rows == ["###...", "###...", "......", "......"])
        #expect(try RunLengthMask(polygon: [20, 20, 30, 20, 30, 30], width: 6, height: 4).area == 0)
    }

    private static let broken: [[Double]] = [
        [], [1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, .nan, 4, 5, 6], [1, 2, 3, 1e300, 5, 6], [1, 2, 3, -.infinity, 5, 6],
    ]

    @Test(arguments: broken) func `a polygon that is none is refused`(polygon: [Double]) {
        #expect(throws: GeometryError.self) { try RunLengthMask(polygon: polygon, width: 10, height: 10) }
    }

    @Test(.enabled(if: hasCOCOTools)) func `every polygon gives the pixels that COCO's own tools give`() throws {
        var numbers = SeededGenerator(seed: 6)
        var cases: [MaskCase] = []
        for number in 0..<3_000 {
            let (width, height) = (Int.random(in: 1...120, using: &numbers), Int.random(in: 1...120, using: &numbers))
            // Points on pixels, on halves and fifths, anywhere, and far outside.
            let grid: Double? = [1, 2, 5, 10, nil, nil][number % 6]
            let span = number % 5 == 0 ? 3.0 : 0.2
            let parts = (0..<(number % 7 == 0 ? Int.random(in: 2...4, using: &numbers) : 1)).map { _ in
                (0..<Int.random(in: 3...14, using: &numbers)).flatMap { _ in
                    [Double(width), Double(height)].map { side in
                        let value = Double.random(in: (-span * side)...((1 + span) * side), using: &numbers)
                        return grid.map { (value * $0).rounded() / $0 } ?? value
                    }
                }
            }
            cases.append(try MaskCase(parts, width: width, height: height))
        }
        #expect(try cocoToolsDisagree(cases) == "")
    }

    @Test(.enabled(if: hasCOCOTools)) func `a polygon of a million points gives the pixels that COCO's own tools give`() throws {
        var numbers = SeededGenerator(seed: 7)
        var polygon: [Double] = []
        var (x, y) = (1_000.0, 1_000.0)
        for _ in 0..<1_000_000 {
            x = min(max(x + Double.random(in: -2...2, using: &numbers), -5), 2_005)
            y = min(max(y + Double.random(in: -2...2, using: &numbers), -5), 1_505)
            polygon.append(x)
            polygon.append(y)
        }
        #expect(try cocoToolsDisagree([MaskCase([polygon], width: 2_000, height: 1_500)]) == "")
    }

    @Test func `a polygon whose edges cross the picture without end is given up`() {
        var zigzag: [Double] = []
        for index in 0..<1_000_000 {
            zigzag.append(index.isMultiple(of: 2) ? 0 : 60_000)
            zigzag.append(Double(index % 977))
        }
        #expect(throws: GeometryError.self) { try RunLengthMask(polygon: zigzag, width: 60_000, height: 1_000) }
    }
}
