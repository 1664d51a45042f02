internal import FoundationEssentials

/// Curves are stored as the bytes of their numbers: as text, they cost more than everything else that is found of a recording.
extension QualityPlots: Codable {
    private enum CodingKeys: String, CodingKey {
        case offsets, offsetHistogram, intervals, intervalHistogram, drops
    }

    /// Reads what `encode(to:)` wrote.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        offsets = try Self.points(in: container, .offsets)
        offsetHistogram = try container.decodeIfPresent(Histogram.self, forKey: .offsetHistogram)
        intervals = try Self.points(in: container, .intervals)
        intervalHistogram = try container.decodeIfPresent(Histogram.self, forKey: .intervalHistogram)
        drops = try container.decode([DropMark].self, forKey: .drops)
    }

    /// Writes the curves as bytes, the rest as it is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.packed(offsets), forKey: .offsets)
        try container.encodeIfPresent(offsetHistogram, forKey: .offsetHistogram)
        try container.encode(Self.packed(intervals), forKey: .intervals)
        try container.encodeIfPresent(intervalHistogram, forKey: .intervalHistogram)
        try container.encode(drops, forKey: .drops)
    }

    /// Both numbers of each point, little-endian.
    private static func packed(_ points: [PlotPoint]) -> Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(points.count * 16)
        for point in points {
            for number in [point.seconds, point.milliseconds] {
                withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        return Data(bytes)
    }

    private static func points(in container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys) throws -> [PlotPoint] {
        let bytes = [UInt8](try container.decode(Data.self, forKey: key))
        guard bytes.count % 16 == 0 else {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "A point of a curve is cut off.")
        }
        return bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 16).map { place in
                func number(_ place: Int) -> Double {
                    Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
                }
                return PlotPoint(seconds: number(place), milliseconds: number(place + 8))
            }
        }
    }
}
