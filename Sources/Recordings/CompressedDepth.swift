/// How the `compressedDepth` image transport of ROS packed a depth image.
///
/// Its messages begin with twelve bytes, little-endian: a number that is always 0, and two floats A and B. Behind them is a
/// PNG of 16-bit values, or RVL: width and height as two 32-bit numbers, then the values (A. D. Wilson, *Fast Lossless
/// Depth Image Compression*, 2017). Of a source in millimetres the values are those; of one in metres they are inverse
/// depths: a value v other than 0 stands for A / (v − B) metres.
public struct CompressedDepth: Hashable, Sendable {
    /// What is behind the twelve bytes.
    public enum Compression: Hashable, Sendable {
        case png
        case rvl
    }

    /// What the values mean.
    public enum Values: Hashable, Sendable {
        /// Millimetres, 0 where there is none (`16UC1`).
        case millimetres
        /// Inverse depths, 0 where there is none: A / (v − B) metres (`32FC1`).
        case inverse(a: Float, b: Float)
    }

    /// Bytes before the compressed values.
    static let headerSize = 12

    /// What is behind the header.
    public let compression: Compression
    /// What the values mean.
    public let values: Values

    /// A packing that is known.
    public init(compression: Compression, values: Values) {
        self.compression = compression
        self.values = values
    }

    /// Reads the header of a message whose format says compressedDepth; nil where it is no depth image of these kinds.
    ///
    /// The format is `16UC1; compressedDepth`, followed by `png` or `rvl` in newer versions. The bytes decide which of both
    /// it is; a PNG begins with its own signature.
    init?(_ bytes: UnsafeRawBufferPointer, format: String) {
        guard bytes.count > Self.headerSize else { return nil }
        let image = UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize...])
        if image.starts(with: ImageSignature.pngMagic) {
            compression = .png
        } else if format.contains("rvl"), Self.rvlSize(image) != nil {
            compression = .rvl
        } else {
            return nil
        }
        if format.hasPrefix("16UC1") || format.hasPrefix("mono16") {
            values = .millimetres
        } else if format.hasPrefix("32FC1") {
            values = .inverse(a: Self.float(bytes, 4), b: Self.float(bytes, 8))
        } else {
            return nil
        }
    }

    /// Width and height before RVL's values.
    static func rvlSize(_ bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        guard bytes.count >= 8 else { return nil }
        let width = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
        let height = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        guard width > 0, height > 0, width <= UInt32(Int32.max), height <= UInt32(Int32.max) else { return nil }
        return (Int(width), Int(height))
    }

    private static func float(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Float {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
