import CFFmpeg

extension Picture {
    /// A small JPEG of a compressed picture as the file has it; marks that it is to be turned are not followed.
    ///
    /// - Parameter side: pixels that no side of it exceeds; smaller pictures keep their size.
    public static func thumbnail(
        of bytes: UnsafeRawBufferPointer,
        _ format: ImageDecoder.Format,
        side: Int
    ) throws(MediaError) -> [UInt8] {
        let picture = try ImageDecoder(format).decode(bytes)
        let longest = max(picture.width, picture.height)
        guard longest > side else { return try JPEGEncoder().encode(picture) }
        let size = (width: max(1, picture.width * side / longest), height: max(1, picture.height * side / longest))
        return try JPEGEncoder().encode(picture.convert(to: AV_PIX_FMT_YUVJ420P, size: size))
    }
}
