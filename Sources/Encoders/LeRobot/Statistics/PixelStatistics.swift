import Glibc
import Media

/// The statistics of a camera's pictures, from counts of each value of each colour: exact, and exact when added up.
struct PixelStatistics: Codable, Hashable {
    /// Three times 256 counts: red, green, blue.
    private(set) var counts = [UInt64](repeating: 0, count: 3 * 256)
    /// Pictures that were counted.
    private(set) var pictures = 0

    /// Counts a picture's pixels as the official library samples them: every f-th of every f-th row, from the first, where
    /// f makes the longer side about 150 and pictures under 300 pixels are taken whole (lerobot, `auto_downsample_height_width`).
    mutating func add(_ picture: Picture) throws(MediaError) {
        add(rgb: try picture.rgb(every: Self.step(width: picture.width, height: picture.height)))
    }

    /// Counts the pixels of one picture: packed red, green and blue.
    mutating func add(rgb: [UInt8]) {
        rgb.withUnsafeBufferPointer { rgb in
            counts.withUnsafeMutableBufferPointer { counts in
                for place in stride(from: 0, to: rgb.count - 2, by: 3) {
                    counts[Int(rgb[place])] += 1
                    counts[256 + Int(rgb[place + 1])] += 1
                    counts[512 + Int(rgb[place + 2])] += 1
                }
            }
        }
        pictures += 1
    }

    mutating func merge(_ other: PixelStatistics) {
        for index in counts.indices { counts[index] += other.counts[index] }
        pictures += other.pictures
    }

    /// Three values each, scaled to 0…1; the count is of pictures.
    var statistics: FeatureStatistics {
        var result = FeatureStatistics(min: [], max: [], mean: [], std: [], count: pictures, quantiles: Quantile.all.map { _ in [] })
        for colour in 0..<3 {
            let counts = self.counts[colour * 256..<(colour + 1) * 256]
            let total = counts.reduce(0, +)
            let values = counts.enumerated().filter { $0.element > 0 }
            guard total > 0, let first = values.first, let last = values.last else { continue }
            let mean = values.reduce(0.0) { $0 + Double($1.offset) * Double($1.element) } / Double(total)
            let squares = values.reduce(0.0) { $0 + (Double($1.offset) - mean) * (Double($1.offset) - mean) * Double($1.element) }
            result.min.append(Double(first.offset) / 255)
            result.max.append(Double(last.offset) / 255)
            result.mean.append(mean / 255)
            result.std.append((squares / Double(total)).squareRoot() / 255)
            for (index, quantile) in Quantile.all.enumerated() {
                var left = Quantile.rank(quantile.share, of: Int(total))
                let value = values.first { entry in
                    left -= Int(entry.element)
                    return left < 0
                }
                result.quantiles[index].append(Double((value ?? last).offset) / 255)
            }
        }
        return result
    }

    static func step(width: Int, height: Int) -> Int {
        guard max(width, height) >= 300 else { return 1 }
        return width > height ? width / 150 : height / 150
    }

    /// Which frames of an episode are counted: at least 100, or its length to the power of 0.75, evenly spread, both ends
    /// included (lerobot, `sample_indices`; halves round to even as NumPy does).
    static func sampledFrames(of length: Int) -> [Int] {
        guard length > 1 else { return length == 1 ? [0] : [] }
        let wanted = max(min(100, length), min(Int(pow(Double(length), 0.75)), 10_000))
        let step = Double(length - 1) / Double(wanted - 1)
        return (0..<wanted).map { $0 == wanted - 1 ? length - 1 : Int((Double($0) * step).rounded(.toNearestOrEven)) }
    }
}
