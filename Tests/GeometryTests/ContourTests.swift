import Geometry
import TestSupport
import Testing

@Suite struct ContourTests {
    @Test func `an outline runs along the corners of the pixels, clockwise`() throws {
        let contours = try RunLengthMask(rows: ["....", ".##.", ".#..", "...."]).contours()
        #expect(contours.outlines.count == 1)
        #expect(contours.holeRims.isEmpty)
        let outline = try #require(contours.outlines.first)
        #expect(outline.count == 12)
        #expect(doubleArea(outline) == 6)
    }

    @Test func `a hole is left out and counted`() throws {
        let contours = try RunLengthMask(rows: ["#####", "#...#", "#.#.#", "#...#", "#####"]).contours()
        #expect(contours.outlines == [[5, 0, 5, 5, 0, 5, 0, 0], [3, 2, 3, 3, 2, 3, 2, 2]])
        #expect(contours.holeRims == [[4, 4, 4, 1, 1, 1, 1, 4]])
    }

    @Test func `pixels that touch at a corner hang together`() throws {
        let contours = try RunLengthMask(rows: ["#..", ".#.", "#.#"]).contours()
        #expect(contours.outlines.count == 1)
        #expect(contours.outlines.first.map(doubleArea) == 8)
        // Here the dots in the middle are closed in, since they do not touch at corners.
        let ring = try RunLengthMask(rows: [".#.", "#.#", ".#."]).contours()
        #expect(ring.outlines.count == 1)
        #expect(ring.holeRims.count == 1)
    }

    @Test func `the polygons of any mask without holes have exactly its pixels`() throws {
        var numbers = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let (width, height) = (Int.random(in: 1...40, using: &numbers), Int.random(in: 1...40, using: &numbers))
            let blobs = (0..<Int.random(in: 1...6, using: &numbers)).map { _ in
                (0..<5).flatMap { _ in
                    [Double.random(in: 0...Double(width), using: &numbers), Double.random(in: 0...Double(height), using: &numbers)]
                }
            }
            let mask = try RunLengthMask(polygons: blobs, width: width, height: height)
            let contours = mask.contours()
            guard !contours.outlines.isEmpty else { continue }
            let filled = try RunLengthMask(polygons: contours.outlines, width: width, height: height)
            #expect(try RunLengthMask.union([filled, mask]).area == filled.area)
            if contours.holeRims.isEmpty {
                #expect(filled.rows == mask.rows)
                let bridged = PolygonJoin.bridged(contours.outlines)
                #expect(try RunLengthMask(polygon: bridged, width: width, height: height).rows == mask.rows)
            } else {
                #expect(filled.area > mask.area)
                let bridged = PolygonJoin.bridged(contours.rims)
                #expect(try RunLengthMask(polygon: bridged, width: width, height: height).rows == mask.rows)
            }
        }
    }
}
