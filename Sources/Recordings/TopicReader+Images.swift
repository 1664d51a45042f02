internal import ROS

extension TopicReader {
    /// The picture that a message holds.
    ///
    /// - Throws: `RecordingError` where the topic's messages are no images, or the message holds fewer bytes than its size asks for.
    public func image(in payload: Payload) throws(RecordingError) -> ImagePayload {
        switch topic.content {
        case .image(.compressed): return try compressedImage(payload)
        case .image(.raw): return try rawImage(payload)
        case .jointState, .other:
            throw RecordingError(ROSError(.field, "Messages of type \(topic.type) hold no pictures."), topic: topic.name)
        }
    }

    private func compressedImage(_ payload: Payload) throws(RecordingError) -> ImagePayload {
        let format = try strings(path: "format", in: payload).first ?? ""
        let blob = try blob("data", payload)
        let (encoding, start) = blob.withBytes(in: payload.bytes) { bytes -> (ImagePayload.Encoding, Int) in
            guard format.contains("compressedDepth") else { return (ImageSignature.encoding(of: bytes, format: format), 0) }
            guard let depth = CompressedDepth(bytes, format: format) else { return (.unknown, 0) }
            return (.compressedDepth(depth), CompressedDepth.headerSize)
        }
        return ImagePayload(encoding: encoding, format: format, blob: blob, part: start..<blob.count)
    }

    private func rawImage(_ payload: Payload) throws(RecordingError) -> ImagePayload {
        let format = try strings(path: "encoding", in: payload).first ?? ""
        let blob = try blob("data", payload)
        let image = RawImage(
            width: try integer("width", payload),
            height: try integer("height", payload),
            encoding: format,
            step: try integer("step", payload),
            isBigEndian: hasField("is_bigendian", payload) ? try integer("is_bigendian", payload) != 0 : false
        )
        guard let size = image.byteCount, size <= blob.count else {
            throw RecordingError(
                ROSError(
                    .payload,
                    "An image of \(image.width)×\(image.height) pixels (\(format), \(image.step) bytes a row) does not fit its \(blob.count) bytes."
                ),
                topic: topic.name
            )
        }
        return ImagePayload(encoding: .raw(image), format: format, blob: blob, part: 0..<size)
    }
}
