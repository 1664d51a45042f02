/// How frames are made into video: the codec and what it trades between size, quality and time.
///
/// One codec thread makes a video, so that its bytes do not depend on the machine's number of cores; videos are made side
/// by side instead.
public struct VideoSettings: Hashable, Sendable {
    /// x264's named trades of time against size.
    public enum H264Preset: String, Hashable, Sendable, CaseIterable {
        case ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow
    }

    /// The codec, with how much time it may take.
    public enum Codec: Hashable, Sendable {
        /// AV1 through SVT-AV1, whose presets go from 0, the slowest, to 13; those above 10 take key frame intervals of 1
        /// and 2 only.
        case av1(preset: Int)
        /// H.264 through x264, without B-frames: pictures are coded in the order in which they are shown.
        case h264(preset: H264Preset)

        /// The name that FFmpeg has for the format: `av1`, `h264`.
        public var name: String {
            switch self {
            case .av1: "av1"
            case .h264: "h264"
            }
        }

        /// The constant rate factors that the codec knows; smaller is better and larger in bytes.
        public var rateFactors: ClosedRange<Int> {
            switch self {
            case .av1: 0...63
            case .h264: 0...51
            }
        }
    }

    /// The codec.
    public var codec: Codec
    /// The constant rate factor, within the codec's `rateFactors`.
    public var rateFactor: Int
    /// Every so many frames one can be decoded on its own; LeRobot takes 2, for quick access to any frame.
    public var keyFrameInterval: Int

    /// Settings with all that can be said.
    public init(_ codec: Codec, rateFactor: Int, keyFrameInterval: Int = 2) {
        self.codec = codec
        self.rateFactor = rateFactor
        self.keyFrameInterval = keyFrameInterval
    }

    /// What the LeRobot library takes by itself: AV1, preset 12, rate factor 30, a key frame every 2 frames.
    public static let lerobotAV1 = VideoSettings(.av1(preset: 12), rateFactor: 30)
    /// H.264 for LeRobot: a quarter of AV1's time for more bytes.
    public static let lerobotH264 = VideoSettings(.h264(preset: .veryfast), rateFactor: 23)
}
