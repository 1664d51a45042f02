import Recordings

extension ImagePayload {
    /// Whether its bytes are the one picture that decoders show, so that who has looked at that has looked at all.
    ///
    /// Behind a JPEG's end a second eye's picture or a video may follow, and PNG and WebP may move; both pass decoders unseen. Padding with
    /// one and the same byte shows nothing.
    func isAlone(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch encoding {
        case .jpeg, .png, .webp:
            guard let file = StillFile(bytes) else { return false }
            let rest = bytes[file.count...]
            return rest.allSatisfy { $0 == rest.first }
        case .raw, .avif, .compressedDepth, .video, .unknown: return true
        }
    }
}
