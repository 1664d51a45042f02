internal import ROS

/// The picture that a message holds: what it is, and where its bytes lie.
public struct ImagePayload: Hashable, Sendable {
    /// What the bytes are, by their first bytes and not by what the message calls them.
    public enum Encoding: Hashable, Sendable {
        case jpeg
        case png
        case webp
        /// A picture in AVIF, which is told apart but not decoded.
        case avif
        /// One access unit of a video stream.
        case video(VideoCodec)
        /// Depth as the `compressedDepth` image transport sends it.
        case compressedDepth(CompressedDepth)
        /// Pixels.
        case raw(RawImage)
        /// None of these.
        case unknown

        /// How the video is coded of which this is an access unit; nil for pictures that stand alone.
        public var videoCodec: VideoCodec? {
            guard case .video(let codec) = self else { return nil }
            return codec
        }
    }

    /// What the bytes are.
    public let encoding: Encoding
    /// The message's own word for it (`format` or `encoding`), such as `rgb8; jpeg compressed bgr8`.
    public let format: String
    /// The message's `data`.
    let blob: Blob
    /// The bytes of the picture within `blob`.
    let part: Range<Int>

    /// How many bytes the picture has.
    public var count: Int { part.count }

    /// Calls `body` with the bytes of the picture; the pointer is valid during the call only.
    ///
    /// - Parameter payload: the payload that this was read from.
    public func withBytes<R, E: Error>(in payload: Payload, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try blob.withBytes(in: payload.bytes) { (bytes) throws(E) in
            // A payload of another message may be shorter.
            try body(UnsafeRawBufferPointer(rebasing: bytes[part.clamped(to: 0..<bytes.count)]))
        }
    }

    /// The width and height in pixels where they can be told without decoding: from the header of a JPEG or a PNG, or
    /// from the message.
    ///
    /// - Parameter payload: the payload that this was read from.
    public func size(in payload: Payload) -> (width: Int, height: Int)? {
        switch encoding {
        case .jpeg: return withBytes(in: payload) { JPEGHeader($0).map { ($0.width, $0.height) } }
        case .png: return withBytes(in: payload) { ImageSignature.pngSize($0) }
        case .compressedDepth(let depth):
            return withBytes(in: payload) { depth.compression == .png ? ImageSignature.pngSize($0) : CompressedDepth.rvlSize($0) }
        case .raw(let image): return (image.width, image.height)
        case .webp, .avif, .video, .unknown: return nil
        }
    }
}
