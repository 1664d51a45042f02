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

    /// How the picture is to be turned before it is looked at (Exif 2.32, tag 274): where the first row and the first column
    /// of what is stored belong.
    ///
    /// Decoders here give pictures as they are stored; nothing is turned.
    public enum Orientation: Int, Hashable, Sendable {
        /// Top, left: as stored.
        case upright = 1
        /// Top, right: mirrored left to right.
        case mirrored
        /// Bottom, right: turned by 180°.
        case turnedAround
        /// Bottom, left: mirrored top to bottom.
        case upsideDown
        /// Left, top: mirrored at the falling diagonal.
        case transposed
        /// Right, top: to be turned by 90° clockwise.
        case turnedLeft
        /// Right, bottom: mirrored at the rising diagonal.
        case transversed
        /// Left, bottom: to be turned by 90° counter-clockwise.
        case turnedRight
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
    /// What its Exif data says; upright where there is none.
    public let orientation: Orientation

    /// Reads the header of a JPEG; nil where there is none before the first scan.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var offset = 2
        var orientation = Orientation.upright
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
            if marker == 0xE1, let found = Self.orientation(UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 2 + length])) {
                orientation = found
            }
            // SOF0 to SOF15 without DHT, JPG and DAC, which share the range.
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                self.init(
                    frame: UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 2 + length]),
                    marker: marker,
                    orientation: orientation
                )
                return
            }
            offset += 2 + length
        }
        return nil
    }

    private init?(frame: UnsafeRawBufferPointer, marker: UInt8, orientation: Orientation) {
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
        self.orientation = orientation
    }

    /// The orientation in an application segment, where it holds Exif: a TIFF header of either byte order and a list of
    /// entries of twelve bytes (TIFF 6.0, section 2).
    private static func orientation(_ segment: UnsafeRawBufferPointer) -> Orientation? {
        guard segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) else { return nil }
        let tiff = UnsafeRawBufferPointer(rebasing: segment[6...])
        let isLittleEndian = tiff.starts(with: [0x49, 0x49])
        guard isLittleEndian || tiff.starts(with: [0x4D, 0x4D]) else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, count <= tiff.count, offset <= tiff.count - count else { return nil }
            let bytes = tiff[offset..<offset + count]
            return (isLittleEndian ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let list = number(4, 4), let count = number(list, 2) else { return nil }
        for index in 0..<count {
            let entry = list + 2 + 12 * index
            guard let tag = number(entry, 2) else { return nil }
            if tag == 274 { return number(entry + 8, 2).flatMap { Orientation(rawValue: $0) } }
        }
        return nil
    }
}
