import CFFmpeg
import Glibc

/// A video file opened for reading: the packets of its video track, in the order of the file.
///
/// To be used by one thread at a time.
final class MediaInput {
    /// What a file is opened for.
    enum Purpose {
        /// A file of our own making: its header says all.
        case ownFile
        /// Anybody's file: its first packets are looked at too.
        case anyFile
    }

    let path: String
    let stream: UnsafeMutablePointer<AVStream>

    private let context: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>

    init(_ path: String, for purpose: Purpose) throws(VideoError) {
        av_log_set_level(AV_LOG_QUIET)
        self.path = path
        guard let packet = av_packet_alloc() else { throw .reading(path: path, reason: "there is no memory for it") }
        var opened: UnsafeMutablePointer<AVFormatContext>?
        do throws(VideoError) {
            opened = try Self.open(path)
            guard let opened else { throw .reading(path: path, reason: "it could not be opened") }
            if purpose == .anyFile {
                let status = avformat_find_stream_info(opened, nil)
                guard status >= 0 else { throw .reading(path, code: status) }
            }
            stream = try Self.videoStream(opened, path)
            context = opened
            self.packet = packet
        } catch {
            avformat_close_input(&opened)
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
            throw error
        }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }

    /// Reads the next packet of the video track, which is valid until the next call; nil at the end.
    func next() throws(VideoError) -> UnsafeMutablePointer<AVPacket>? {
        while true {
            av_packet_unref(packet)
            let status = av_read_frame(context, packet)
            if status == exportd_error_eof() { return nil }
            guard status >= 0 else { throw .reading(path, code: status) }
            if packet.pointee.stream_index == stream.pointee.index { return packet }
        }
    }

    /// How long the whole file plays, in microseconds; nil where it does not say.
    var durationMicroseconds: Int64? { context.pointee.duration > 0 ? context.pointee.duration : nil }

    /// The container's names, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    var container: String { String(cString: context.pointee.iformat.pointee.name) }

    private static func open(_ path: String) throws(VideoError) -> UnsafeMutablePointer<AVFormatContext>? {
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        // A playlist or a reference must not lead to other files or hosts.
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        av_dict_set(&options, "format_whitelist", "mov,matroska,avi", 0)
        av_dict_set(&options, "max_streams", "64", 0)
        var opened: UnsafeMutablePointer<AVFormatContext>?
        let status = avformat_open_input(&opened, "file:" + path, nil, &options)
        // What the list rules out is an invalid argument.
        if status == -EINVAL { throw .reading(path: path, reason: "it is no MP4, MOV, Matroska, WebM or AVI") }
        guard status >= 0 else { throw .reading(path, code: status) }
        return opened
    }

    private static func videoStream(
        _ context: UnsafeMutablePointer<AVFormatContext>,
        _ path: String
    ) throws(VideoError) -> UnsafeMutablePointer<AVStream> {
        let best = Int(av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0))
        var found: UnsafeMutablePointer<AVStream>?
        for position in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[position] else { continue }
            if position == best { found = stream } else { stream.pointee.discard = AVDISCARD_ALL }
        }
        guard let found else { throw .reading(path: path, reason: "it holds no video track") }
        return found
    }
}
