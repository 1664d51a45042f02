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
        guard let header = header(bytes) else { return nil }
        // The library writes whole pairs of pixels where these share a colour.
        let (wide, high) = (tjPlaneWidth(0, header.width, header.sampling), tjPlaneHeight(0, header.height, header.sampling))
        let picture = try Picture(width: Int(wide), height: Int(high), format: header.format)
        let frame = picture.frame
        (frame.pointee.width, frame.pointee.height) = (header.width, header.height)
        (frame.pointee.color_range, frame.pointee.colorspace) = (AVCOL_RANGE_JPEG, AVCOL_SPC_BT470BG)
        var planes = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2]
        var strides = [frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2]
        let status = tjDecompressToYUVPlanes(handle, header.source, UInt(bytes.count), &planes, 0, &strides, 0, Self.flags)
        return status == 0 ? picture : nil
    }

    /// The picture's size; nil where it is left to libavcodec.
    func size(of bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        header(bytes).map { (Int($0.width), Int($0.height)) }
    }

    /// The luma of the picture in 1/1, 1/2, 1/4 or 1/8 of its size, sides rounded up; nil for other factors, and where it is damaged
    /// or left to libavcodec.
    ///
    /// Chroma is not transformed, and of luma no more than the size asks for.
    func luma(of bytes: UnsafeRawBufferPointer, smallerBy factor: Int) -> (pixels: [UInt8], width: Int, height: Int)? {
        guard [1, 2, 4, 8].contains(factor), let header = header(bytes) else { return nil }
        let (width, height) = ((Int(header.width) + factor - 1) / factor, (Int(header.height) + factor - 1) / factor)
        var isWhole = false
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
            let (wide, high, layout) = (Int32(width), Int32(height), TJPF_GRAY.rawValue)
            let (source, size) = (header.source, UInt(bytes.count))
            isWhole = tjDecompress2(handle, source, size, target.baseAddress, wide, wide, high, layout, Self.flags) == 0
            if !isWhole { target.initialize(repeating: 0) }
            count = width * height
        }
        return isWhole ? (pixels, width, height) : nil
    }

    /// What a header says.
    private struct Header {
        let source: UnsafePointer<UInt8>
        let width: Int32
        let height: Int32
        let sampling: Int32
        let format: AVPixelFormat
    }

    private func header(_ bytes: UnsafeRawBufferPointer) -> Header? {
        let source = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        var (width, height, sampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
        guard let source, tjDecompressHeader3(handle, source, UInt(bytes.count), &width, &height, &sampling, &colours) == 0,
            let format = Self.format(sampling: sampling, colours: colours)
        else { return nil }
        let sides = 1...Int32(Picture.maximumSide)
        guard sides.contains(width), sides.contains(height) else { return nil }
        return Header(source: source, width: width, height: height, sampling: sampling, format: format)
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
