import CFFmpeg
import CTurboJPEG

/// Decodes JPEG into luma and chroma as they are stored, with libjpeg-turbo: to the very values that OpenCV and Pillow begin with, and
/// faster than libavcodec.
///
/// To be used by one thread at a time.
final class JPEGPlanes {
    private let handle: tjhandle
    // Damage ends the decoding, and so does a picture of thousands of passes, which would take minutes.
    private static let flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS

    /// - Throws: where there is no memory.
    init() throws(MediaError) {
        guard let handle = tjInitDecompress() else { throw MediaError("There is no memory for a decoder of JPEG.") }
        self.handle = handle
    }

    deinit {
        tjDestroy(handle)
    }

    /// The picture; nil where it is damaged or of a kind that is left to libavcodec, such as CMYK.
    func decode(_ bytes: UnsafeRawBufferPointer) throws(MediaError) -> Picture? {
        let source = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        let count = UInt(bytes.count)
        var (width, height, sampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
        guard let source, tjDecompressHeader3(handle, source, count, &width, &height, &sampling, &colours) == 0,
            let format = Self.format(sampling: sampling, colours: colours)
        else { return nil }
        let sides = 1...Int32(Picture.maximumSide)
        guard sides.contains(width), sides.contains(height) else { return nil }
        // The library writes whole pairs of pixels where these share a colour.
        let (wide, high) = (tjPlaneWidth(0, width, sampling), tjPlaneHeight(0, height, sampling))
        let picture = try Picture(width: Int(wide), height: Int(high), format: format)
        let frame = picture.frame
        (frame.pointee.width, frame.pointee.height) = (width, height)
        (frame.pointee.color_range, frame.pointee.colorspace) = (AVCOL_RANGE_JPEG, AVCOL_SPC_BT470BG)
        var planes = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2]
        var strides = [frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2]
        guard tjDecompressToYUVPlanes(handle, source, count, &planes, 0, &strides, 0, Self.flags) == 0 else { return nil }
        return picture
    }

    private static func format(sampling: Int32, colours: Int32) -> AVPixelFormat? {
        switch (TJCS(UInt32(bitPattern: colours)), TJSAMP(UInt32(bitPattern: sampling))) {
        case (TJCS_YCbCr, TJSAMP_420): AV_PIX_FMT_YUVJ420P
        case (TJCS_YCbCr, TJSAMP_422): AV_PIX_FMT_YUVJ422P
        case (TJCS_YCbCr, TJSAMP_444): AV_PIX_FMT_YUVJ444P
        case (TJCS_GRAY, TJSAMP_GRAY): AV_PIX_FMT_GRAY8
        default: nil
        }
    }
}
