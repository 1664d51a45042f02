import Geometry
import TestSupport
import Testing

@Suite struct RunLengthMaskTests {
    @Test func `area and box are those of the pixels`() throws {
        let mask = try RunLengthMask(rows: ["......", "..##..", ".###..", "......"])
        #expect(mask.area == 5)
        #expect(mask.box == PixelBox(x: 1, y: 1, width: 3, height: 2))
        #expect(mask.runs == [6, 1, 2, 2, 2, 2, 9])
    }

    @Test func `a mask without pixels has no box`() throws {
        let mask = try RunLengthMask(width: 3, height: 2, runs: [6])
        #expect(mask.area == 0)
        #expect(mask.box == nil)
        #expect(mask.contours().outlines.isEmpty)
    }

    @Test(arguments: [[3, 4], [7], [], [UInt32.max, 7], [3, 2]]) func `runs that do not fill the mask are refused`(runs: [UInt32]) {
        #expect(throws: GeometryError.self) { try RunLengthMask(width: 3, height: 2, runs: runs) }
    }

    @Test func `a side that no picture has is refused`() {
        #expect(throws: GeometryError.self) { try RunLengthMask(width: 1 << 20, height: 1 << 20, runs: [0]) }
        #expect(throws: GeometryError.self) { try RunLengthMask(width: 0, height: 4, runs: [0]) }
        #expect(throws: GeometryError.self) { try RunLengthMask(width: -3, height: -2, runs: [6]) }
    }

    @Test func `COCO's string of a mask reads back as the same mask`() throws {
        var numbers = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let (width, height) = (Int.random(in: 1...90, using: &numbers), Int.random(in: 1...90, using: &numbers))
            var left = width * height
            var runs: [UInt32] = []
            while left > 0 {
                let run = min(left, Int.random(in: 0...(Bool.random(using: &numbers) ? 5 : 2_000), using: &numbers))
                runs.append(UInt32(run))
                left -= run
            }
            let mask = try RunLengthMask(width: width, height: height, runs: runs)
            #expect(try RunLengthMask(width: width, height: height, cocoText: mask.cocoText) == mask)
        }
    }

    @Test(arguments: ["", "0", "}", "Q", "oooooooooo", "oooooooooooooooooooooooooooooooo0", "6O6", "¾"])
    func `a string that is no mask is refused`(text: String) {
        #expect(throws: GeometryError.self) { try RunLengthMask(width: 3, height: 2, cocoText: text.utf8) }
    }

    @Test func `a union holds what any of its masks holds`() throws {
        let a = try RunLengthMask(rows: ["##..", "##..", "...."])
        let b = try RunLengthMask(rows: [".##.", ".##.", "...."])
        let c = try RunLengthMask(rows: ["....", "....", "...#"])
        #expect(try RunLengthMask.union([a, b, c]).rows == ["###.", "###.", "...#"])
        #expect(try RunLengthMask.union([a]) == a)
        let none = try RunLengthMask(width: 4, height: 3, runs: [12])
        #expect(try RunLengthMask.union([none, none]) == none)
        #expect(throws: GeometryError.self) { try RunLengthMask.union([]) }
        #expect(throws: GeometryError.self) { try RunLengthMask.union([a, RunLengthMask(width: 3, height: 4, runs: [12])]) }
    }
}
