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
        let data = try range("data", payload)
        var start = data.lowerBound
        // A compressed depth image has 12 bytes of its own before the PNG, whose values are millimetres if the source's were.
        if format.contains("compressedDepth"), format.hasPrefix("16UC1"), data.count > 12 { start += 12 }
        let bytes = UnsafeRawBufferPointer(rebasing: payload.bytes[start..<data.upperBound])
        return ImagePayload(encoding: ImageSignature.encoding(of: bytes, format: format), data: start..<data.upperBound, format: format)
    }

    private func rawImage(_ payload: Payload) throws(RecordingError) -> ImagePayload {
        let format = try strings(path: "encoding", in: payload).first ?? ""
        let data = try range("data", payload)
        let image = RawImage(
            width: try integer("width", payload),
            height: try integer("height", payload),
            encoding: format,
            step: try integer("step", payload),
            isBigEndian: try integer("is_bigendian", payload) != 0
        )
        let (size, overflow) = image.step.multipliedReportingOverflow(by: image.height)
        let row = (image.bytesPerPixel ?? 1).multipliedReportingOverflow(by: image.width)
        guard image.width > 0, image.height > 0, !overflow, size <= data.count, !row.overflow, row.partialValue <= image.step else {
            throw RecordingError(
                ROSError(
                    .payload,
                    "An image of \(image.width)×\(image.height) pixels (\(format), \(image.step) bytes a row) does not fit its \(data.count) bytes."
                ),
                topic: topic.name
            )
        }
        return ImagePayload(encoding: .raw(image), data: data.lowerBound..<data.lowerBound + size, format: format)
    }
}
