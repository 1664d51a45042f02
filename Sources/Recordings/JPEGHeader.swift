/// What a JPEG says about its picture before the first scan (ITU-T T.81, B.2): found by walking the marker segments,
/// without decoding anything.
public struct JPEGHeader: Hashable, Sendable {
    /// One colour component.
    public struct Component: Hashable, Sendable {
        /// Horizontal sampling factor, 1 to 4.
        public let horizontal: Int
        /// Vertical sampling factor, 1 to 4.
        public let vertical: Int
    }

    /// Pixels in a row, at least 1.
    public let width: Int
    /// Rows, at least 1.
    public let height: Int
    /// Bits of a sample: 8 in all but exotic files.
    public let precision: Int
    /// The components: 1 for grey, 3 for colour, 4 for CMYK.
    public let components: [Component]
    /// Whether the picture is stored in several passes of growing detail.
    public let isProgressive: Bool

    /// Reads the header of a JPEG; nil where there is none before the first scan.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var offset = 2
        while bytes.count - offset >= 4 {
            guard bytes[offset] == 0xFF else { return nil }
            let marker = bytes[offset + 1]
            // A marker may be preceded by any number of fill bytes.
            if marker == 0xFF {
                offset += 1
                continue
            }
            // TEM and RSTn stand alone; a scan, the end or a second start means that there is no frame header.
            if marker == 0x01 || (0xD0...0xD7).contains(marker) {
                offset += 2
                continue
            }
            guard marker != 0x00, !(0xD8...0xDA).contains(marker) else { return nil }
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            guard length >= 2, length <= bytes.count - offset - 2 else { return nil }
            // SOF0 to SOF15 without DHT, JPG and DAC, which share the range.
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                self.init(frame: UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 2 + length]), marker: marker)
                return
            }
            offset += 2 + length
        }
        return nil
    }

    private init?(frame: UnsafeRawBufferPointer, marker: UInt8) {
        guard frame.count >= 6 else { return nil }
        precision = Int(frame[0])
        height = Int(frame[1]) << 8 | Int(frame[2])
        width = Int(frame[3]) << 8 | Int(frame[4])
        let count = Int(frame[5])
        guard width > 0, height > 0, (1...4).contains(count), frame.count >= 6 + 3 * count else { return nil }
        var components: [Component] = []
        for index in 0..<count {
            let factors = frame[6 + 3 * index + 1]
            let component = Component(horizontal: Int(factors >> 4), vertical: Int(factors & 15))
            guard (1...4).contains(component.horizontal), (1...4).contains(component.vertical) else { return nil }
            components.append(component)
        }
        self.components = components
        isProgressive = [0xC2, 0xC6, 0xCA, 0xCE].contains(marker)
    }
}
