public import ExportCore

/// Makes one MP4 file out of pictures: one video track of constant rate, frame k shown at exactly k ÷ rate.
///
/// To be used by one thread at a time. The file is complete once `finish` has returned; a caller who stops before that
/// removes it.
public final class VideoWriter {
    /// Columns of the video.
    public let width: Int
    /// Rows of the video.
    public let height: Int

    private let sourceWidth: Int
    private let sourceHeight: Int
    private let converter: VideoFrameConverter
    private let encoder: VideoEncoder
    private let writer: MP4Writer

    /// The size of a video of pictures: 4:2:0 video has even sides, so an odd last column or row is left out.
    public static func size(width: Int, height: Int) -> (width: Int, height: Int) {
        (width & ~1, height & ~1)
    }

    /// Creates the file, over any that is there.
    ///
    /// - Parameters:
    ///   - width: the pictures' columns.
    ///   - height: the pictures' rows.
    ///   - rate: frames a second, up to 1000.
    public init(_ path: String, _ settings: VideoSettings, width: Int, height: Int, rate: Hertz) throws(VideoError) {
        guard let fraction = rate.fraction else { throw .unsuitable("A video cannot have \(rate) frames a second: 1000 are the most.") }
        guard width >= 2, height >= 2 else { throw .unsuitable("Frames of \(width)×\(height) pixels are too small for a video.") }
        (sourceWidth, sourceHeight) = (width, height)
        (self.width, self.height) = Self.size(width: width, height: height)
        converter = try Self.picture { () throws(MediaError) in
            try VideoFrameConverter(width: width & ~1, height: height & ~1)
        }
        encoder = try VideoEncoder(settings, width: self.width, height: self.height, rate: fraction)
        writer = try encoder.withParameters { (parameters) throws(VideoError) in
            try MP4Writer(path, parameters: parameters, rate: fraction)
        }
    }

    /// Frames taken so far.
    public var frameCount: Int { encoder.frameCount }

    /// Encodes the next frame.
    ///
    /// - Throws: `VideoError.frameSize` where the picture is not of the pictures' size; the video can be continued.
    public func append(_ picture: Picture) throws(VideoError) {
        guard picture.width == sourceWidth, picture.height == sourceHeight else {
            throw .frameSize(
                expectedWidth: sourceWidth,
                expectedHeight: sourceHeight,
                foundWidth: picture.width,
                foundHeight: picture.height
            )
        }
        let converted = try Self.picture { () throws(MediaError) in try converter.convert(picture) }
        try encoder.encode(converted, into: writer)
    }

    /// Encodes what is left and closes the file, which has at least one frame.
    public func finish() throws(VideoError) {
        guard frameCount > 0 else { throw .unsuitable("A video needs at least one frame.") }
        try encoder.finish(into: writer)
        guard writer.frameCount == encoder.frameCount else {
            throw .codec(MediaError("The encoder took \(encoder.frameCount) frames and gave \(writer.frameCount)."))
        }
        try writer.finish()
    }

    private static func picture<Result>(_ body: () throws(MediaError) -> Result) throws(VideoError) -> Result {
        do throws(MediaError) {
            return try body()
        } catch {
            throw .picture(error)
        }
    }
}
