/// A mask as COCO keeps it: lengths of runs, column after column, of pixels outside and inside by turns, outside first.
public struct RunLengthMask: Hashable, Sendable {
    /// No mask has a longer side, as no picture has.
    public static let maximumSide = 65_535

    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// The lengths of the runs; their sum is `width` × `height`.
    public let runs: [UInt32]

    /// A mask of runs that are known to fill it.
    init(width: Int, height: Int, filledBy runs: [UInt32]) {
        self.width = width
        self.height = height
        self.runs = runs
    }

    /// A mask of runs from a file.
    ///
    /// - Throws: where a side is no side of a picture, or the runs do not fill exactly that many pixels.
    public init(width: Int, height: Int, runs: [UInt32]) throws(GeometryError) {
        let pixels = try Self.pixels(width: width, height: height)
        var sum: UInt64 = 0
        for run in runs {
            sum += UInt64(run)
            guard sum <= pixels else { throw GeometryError("The runs of a mask overrun its \(width)×\(height) pixels.") }
        }
        guard sum == pixels else {
            throw GeometryError("The runs of a mask fill \(sum) of its \(width)×\(height) pixels.")
        }
        self.init(width: width, height: height, filledBy: runs)
    }

    static func pixels(width: Int, height: Int) throws(GeometryError) -> UInt64 {
        guard (1...maximumSide).contains(width), (1...maximumSide).contains(height) else {
            throw GeometryError("A mask of \(width)×\(height) pixels is empty or too large.")
        }
        return UInt64(width) * UInt64(height)
    }

    /// Pixels inside.
    public var area: Int {
        var sum = 0
        for index in stride(from: 1, to: runs.count, by: 2) { sum += Int(runs[index]) }
        return sum
    }

    /// The smallest box around its pixels; nil where there are none.
    public var box: PixelBox? {
        var (left, right) = (Int.max, -1)
        var (top, bottom) = (Int.max, -1)
        forEachRun { start, count in
            let last = start + count - 1
            let (first, final) = (start / height, last / height)
            left = min(left, first)
            right = max(right, final)
            if first == final {
                top = min(top, start - first * height)
                bottom = max(bottom, last - final * height)
            } else {
                // A run over the end of a column touches the lowest row and the highest.
                (top, bottom) = (0, height - 1)
            }
        }
        guard right >= 0 else { return nil }
        return PixelBox(x: Double(left), y: Double(top), width: Double(right - left + 1), height: Double(bottom - top + 1))
    }

    /// Hands over each run of pixels inside: the position of its first pixel (column × height + row) and its length.
    public func forEachRun(_ take: (_ start: Int, _ count: Int) -> Void) {
        var position = 0
        for (index, run) in runs.enumerated() {
            if index & 1 == 1, run > 0 { take(position, Int(run)) }
            position += Int(run)
        }
    }

    /// The pixels that are inside any of several masks of one size.
    ///
    /// - Throws: where there is none, or their sizes differ.
    public static func union(_ masks: [RunLengthMask]) throws(GeometryError) -> RunLengthMask {
        guard let first = masks.first else { throw GeometryError("A union of no masks has no size.") }
        guard masks.allSatisfy({ $0.width == first.width && $0.height == first.height }) else {
            throw GeometryError("Masks of different sizes have no union.")
        }
        guard masks.count > 1 else { return first }
        // Where each mask's pixels begin and end, in order: inside is where more have begun than ended.
        var edges: [(position: UInt32, step: Int32)] = []
        for mask in masks {
            mask.forEachRun { start, count in
                edges.append((UInt32(start), 1))
                edges.append((UInt32(start + count), -1))
            }
        }
        edges.sort { ($0.position, -$0.step) < ($1.position, -$1.step) }
        var runs: [UInt32] = []
        var depth: Int32 = 0
        var last: UInt32 = 0
        for edge in edges {
            let before = depth
            depth += edge.step
            if (before == 0) != (depth == 0) {
                runs.append(edge.position - last)
                last = edge.position
            }
        }
        let pixels = UInt32(first.width * first.height)
        if last < pixels || runs.isEmpty { runs.append(pixels - last) }
        return RunLengthMask(width: first.width, height: first.height, filledBy: runs)
    }
}
