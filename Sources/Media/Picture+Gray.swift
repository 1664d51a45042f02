import CFFmpeg

extension Picture {
    /// The picture's brightness, one byte a pixel, row after row: its luma as it is where it has one of 8 bits.
    public func gray() throws(MediaError) -> [UInt8] {
        let format = AVPixelFormat(frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee else { throw MediaError("The picture's layout of pixels is unknown.") }
        let refused = UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BAYER)
        let hasLuma = description.flags & refused == 0 && description.comp.0.depth == 8 && description.comp.0.step == 1
        let source = hasLuma ? self : try convert(to: AV_PIX_FMT_GRAY8)
        guard let start = source.frame.pointee.data.0 else { throw MediaError("The picture holds no pixels.") }
        let (width, height, stride) = (width, height, Int(source.frame.pointee.linesize.0))
        return [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
            guard let base = target.baseAddress else { return }
            for y in 0..<height { (base + y * width).update(from: start + y * stride, count: width) }
            count = width * height
        }
    }

    /// The picture as packed bytes of blue, green and red, row after row: height × width × 3.
    public func bgr() throws(MediaError) -> [UInt8] {
        var bytes = try rgb()
        for place in Swift.stride(from: 0, to: bytes.count - 2, by: 3) { bytes.swapAt(place, place + 2) }
        return bytes
    }
}
