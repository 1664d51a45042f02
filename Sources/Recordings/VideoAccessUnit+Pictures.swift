import Bytes

extension VideoAccessUnit {
    /// How many pictures to be shown begin in a message of H.264, H.265 or AV1, by their headers; nil for VP9, whose decoder gives out each.
    ///
    /// Both fields of an interlaced picture and all layers of a scalable one count.
    public static func beginnings(_ bytes: UnsafeRawBufferPointer, _ codec: VideoCodec) -> Int? {
        switch codec {
        case .h264:
            // first_mb_in_slice is 0, of which the code is a single 1 (ITU-T H.264, 7.3.3 and 9.1).
            return slices(bytes) { $0.count > 1 && [1, 2, 5].contains($0[0] & 31) && $0[1] & 0x80 != 0 }
        case .h265:
            // first_slice_segment_in_pic_flag (ITU-T H.265, 7.3.6.1).
            return slices(bytes) { $0.count > 2 && $0[0] >> 1 & 63 < 32 && $0[2] & 0x80 != 0 }
        case .av1: return shownFrames(bytes)
        case .vp9: return nil
        }
    }

    private static func slices(_ bytes: UnsafeRawBufferPointer, where isFirst: (UnsafeRawBufferPointer) -> Bool) -> Int {
        var count = 0
        var units = AnnexBUnits(bytes)
        while let unit = units.next() {
            if isFirst(UnsafeRawBufferPointer(rebasing: bytes[unit])) { count += 1 }
        }
        return count
    }

    /// Frame headers that show a frame, one that was decoded before or their own (AV1 specification 5.9.2).
    private static func shownFrames(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        var isStillPicture = false
        var units = OpenBitstreamUnits(bytes)
        while let unit = units.next() {
            var bits = BitReader(UnsafeRawBufferPointer(rebasing: bytes[unit.payload]), escaped: false)
            switch unit.type {
            case 1: isStillPicture = bits.read(4) != nil && bits.read(1) == 1
            case 3, 6:
                let isShown = isStillPicture || bits.read(1) == 1 || bits.read(2) != nil && bits.read(1) == 1
                count += isShown ? 1 : 0
            default: break
            }
        }
        return count
    }
}
