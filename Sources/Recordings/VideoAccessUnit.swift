import Bytes

/// How a topic's pictures are coded where most of them only say what changed since the one before.
public enum VideoCodec: String, Hashable, Sendable, CaseIterable {
    /// H.264 in Annex B form (ITU-T H.264).
    case h264
    /// H.265 in Annex B form (ITU-T H.265).
    case h265
    /// VP9 frames or superframes.
    case vp9
    /// AV1 in the low-overhead bitstream format (AV1 specification 5.2).
    case av1

    /// The name that people know.
    public var name: String {
        switch self {
        case .h264: "H.264"
        case .h265: "H.265"
        case .vp9: "VP9"
        case .av1: "AV1"
        }
    }
}

/// What the coded bytes of one video message hold, told from their headers and without decoding.
///
/// A message of a video topic holds one access unit, the bytes of exactly one picture. Nothing here fails: bytes that are
/// no video hold no picture.
public struct VideoAccessUnit: Hashable, Sendable {
    /// Whether decoding can begin with this access unit.
    ///
    /// - H.264: an IDR picture; and a picture of I slices with a recovery point of zero frames, with which encoders of
    ///   open groups of pictures mark where a decoder may join. A recovery point after some frames (gradual refresh) is
    ///   none, because the pictures until then are incomplete.
    /// - H.265: an IRAP picture (BLA, IDR, CRA).
    /// - VP9 and AV1: a key frame.
    public var isKeyFrame = false
    /// Whether it is a key frame behind which nothing refers to a picture before it: an IDR picture of H.264, an IDR or BLA
    /// picture of H.265, a key frame of VP9 or AV1.
    ///
    /// Of other key frames that holds where the encoder uses no B-frames.
    public var isClosed = false
    /// Whether it brings what a decoder must know before its first picture: H.264 SPS and PPS, H.265 VPS, SPS and PPS, an
    /// AV1 sequence header; each key frame of VP9.
    public var hasParameterSets = false
    /// Whether it holds a picture or a part of one; some senders put parameter sets into messages of their own.
    public var hasPicture = false

    /// An access unit that holds nothing.
    public init() {}

    /// Looks at the headers of an access unit.
    public init(_ bytes: UnsafeRawBufferPointer, codec: VideoCodec) {
        switch codec {
        case .h264: readH264(bytes)
        case .h265: readH265(bytes)
        case .vp9: readVP9(bytes)
        case .av1: readAV1(bytes)
        }
    }

    /// Whether decoding can begin with an access unit; see `isKeyFrame` of an instance for what counts.
    public static func isKeyFrame(_ bytes: UnsafeRawBufferPointer, _ codec: VideoCodec) -> Bool {
        VideoAccessUnit(bytes, codec: codec).isKeyFrame
    }

    /// Parameter sets precede the first slice (ITU-T H.264, 7.4.1.2.3), so nothing after its header need be looked at.
    private mutating func readH264(_ bytes: UnsafeRawBufferPointer) {
        var hasSequence = false
        var hasPictureParameters = false
        var isRecoveryPoint = false
        var units = AnnexBUnits(bytes)
        while let unit = units.next() {
            switch bytes[unit.lowerBound] & 31 {
            case 7: hasSequence = true
            case 8: hasPictureParameters = true
            case 6: isRecoveryPoint = isRecoveryPoint || H264Header.isImmediateRecoveryPoint(bytes, unit)
            case 5:
                isKeyFrame = true
                isClosed = true
                hasPicture = true
            case 1, 2:
                isKeyFrame = isRecoveryPoint && H264Header.isIntraSlice(bytes, unit)
                hasPicture = true
            default: break
            }
            if hasPicture { break }
        }
        hasParameterSets = hasSequence && hasPictureParameters
    }

    private mutating func readH265(_ bytes: UnsafeRawBufferPointer) {
        var found: Set<UInt8> = []
        var units = AnnexBUnits(bytes)
        while let unit = units.next() {
            guard unit.count >= 2 else { continue }
            let type = bytes[unit.lowerBound] >> 1 & 63
            if type < 32 {
                hasPicture = true
                isKeyFrame = (16...23).contains(type)
                isClosed = (16...20).contains(type)
                break
            }
            found.insert(type)
        }
        hasParameterSets = found.isSuperset(of: [32, 33, 34])
    }

    /// The uncompressed header of VP9 (VP9 bitstream specification 6.2), the first frame of a superframe.
    private mutating func readVP9(_ bytes: UnsafeRawBufferPointer) {
        var bits = BitReader(bytes, escaped: false)
        guard bits.read(2) == 2, let low = bits.read(1), let high = bits.read(1) else { return }
        if low == 1, high == 1, bits.read(1) != 0 { return }
        guard let showsExisting = bits.read(1) else { return }
        hasPicture = true
        guard showsExisting == 0, bits.read(1) == 0, bits.read(2) != nil else { return }
        isKeyFrame = bits.read(24) == 0x49_83_42
        isClosed = isKeyFrame
        hasParameterSets = isKeyFrame
    }

    /// The open bitstream units of AV1 (AV1 specification 5.3 to 5.9).
    private mutating func readAV1(_ bytes: UnsafeRawBufferPointer) {
        var isStillPicture = false
        var units = OpenBitstreamUnits(bytes)
        while let unit = units.next() {
            switch unit.type {
            case 1:
                var bits = BitReader(UnsafeRawBufferPointer(rebasing: bytes[unit.payload]), escaped: false)
                guard bits.read(4) != nil, let reduced = bits.read(1) else { return }
                isStillPicture = reduced == 1
                hasParameterSets = true
            case 3, 6:
                var bits = BitReader(UnsafeRawBufferPointer(rebasing: bytes[unit.payload]), escaped: false)
                guard let showsExisting = bits.read(1), let type = bits.read(2) else { return }
                hasPicture = true
                isKeyFrame = isStillPicture || showsExisting == 0 && type == 0
                isClosed = isKeyFrame
                return
            default: break
            }
        }
    }
}
