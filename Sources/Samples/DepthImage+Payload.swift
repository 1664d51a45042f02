public import Media
public import Recordings

extension DepthImage {
    /// The depth image that a message holds: `16UC1` and `32FC1` pixels, and both as the `compressedDepth` transport packs
    /// them; nil where it holds none.
    ///
    /// - Parameter bytes: those of the payload's picture.
    public init?(_ image: ImagePayload, bytes: UnsafeRawBufferPointer) throws(MediaError) {
        switch image.encoding {
        case .raw(let raw):
            guard let layout: Layout = raw.encoding == "16UC1" ? .millimetres : raw.encoding == "32FC1" ? .metres : nil else { return nil }
            try self.init(
                bytes,
                layout: layout,
                width: raw.width,
                height: raw.height,
                step: raw.step,
                isBigEndian: raw.isBigEndian
            )
        case .compressedDepth(let depth):
            let packed = try depth.compression == .png ? DepthImage(png: bytes) : DepthImage(rvl: bytes)
            switch depth.values {
            case .millimetres: self = packed
            case .inverse(let a, let b): self = packed.metres(a: a, b: b)
            }
        case .jpeg, .png, .webp, .avif, .video, .unknown: return nil
        }
    }
}
