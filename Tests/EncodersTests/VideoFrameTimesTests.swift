import ExportCore
import Foundation
import Testing

@testable import Encoders

/// The times of a video file's frames, as `frame_drops` takes them, beside those at which ffprobe shows each frame.
@Suite(.enabled(if: Peer.isInstalled, "FFmpeg's programs are not installed")) struct VideoFrameTimesTests {
    /// A file as ffmpeg makes it from pictures at a rate.
    struct Film: Sendable, CustomTestStringConvertible {
        var name: String
        var rate = "30"
        /// What stands between the pictures and the file.
        var options: [String]
        /// Makes the file from that of the options, without encoding anew.
        var copying: (name: String, input: [String])?

        var testDescription: String { ([copying?.name ?? name, rate] + options + (copying?.input ?? [])).joined(separator: " ") }
    }

    private static let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"]
    private static let bFrames = h264 + ["-bf", "3", "-x264-params", "b-adapt=0:b-pyramid=normal:scenecut=0:keyint=20"]
    private static let mpeg4 = ["-c:v", "mpeg4"]
    /// A stretch of pictures that is left out.
    private static let gap = ["-vf", "select='not(between(n,20,29))*not(between(n,50,50))'", "-fps_mode", "passthrough"]
    /// Each picture up to a third of the interval late, and every seventh left out.
    private static let uneven = [
        "-vf", "select='mod(n,7)',settb=1/90000,setpts='PTS+900*random(1)'", "-fps_mode", "passthrough", "-enc_time_base", "1/90000",
    ]
    /// Frames that are never shown, for others to lean on.
    private static let hidden = ["-auto-alt-ref", "1", "-lag-in-frames", "16", "-deadline", "good", "-cpu-used", "5"]
    private static let openGroups = h264 + ["-bf", "3", "-x264-params", "b-adapt=0:open-gop=1:keyint=20:scenecut=0"]
    private static let hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=3:keyint=20"]

    static let films: [Film] = {
        var films: [Film] = []
        for end in ["mp4", "mov", "mkv", "avi"] {
            for rate in ["25", "30000/1001"] {
                films.append(Film(name: "plain.\(end)", rate: rate, options: mpeg4))
                films.append(Film(name: "b.\(end)", rate: rate, options: mpeg4 + ["-bf", "2"]))
                films.append(Film(name: "h264.\(end)", rate: rate, options: bFrames))
            }
            // Stream copies in AVI have two ticks to a frame.
            films.append(Film(name: "whole.mp4", options: bFrames, copying: ("copied.\(end)", [])))
            films.append(Film(name: "gap.\(end)", options: mpeg4 + gap))
            films.append(Film(name: "gap-b.\(end)", options: bFrames + gap))
            films.append(Film(name: "late.\(end)", options: bFrames + ["-output_ts_offset", "1.5"]))
            films.append(Film(name: "mjpeg.\(end)", options: ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]))
        }
        for end in ["mp4", "mov", "mkv"] {
            films.append(Film(name: "uneven.\(end)", options: bFrames + uneven))
            for rate in ["30", "30000/1001"] {
                let film = Film(name: "whole.\(end)", rate: rate, options: bFrames)
                for cut in ["0.4", "0.9", "1.37"] {
                    films.append(Film(name: film.name, rate: rate, options: film.options, copying: ("cut.\(end)", ["-ss", cut])))
                }
            }
        }
        films.append(Film(name: "fine.mp4", options: bFrames + ["-video_track_timescale", "1000000"]))
        films.append(Film(name: "fragments.mp4", options: bFrames + ["-movflags", "frag_keyframe+empty_moov"]))
        films.append(Film(name: "delayed.mp4", options: bFrames + ["-movflags", "frag_keyframe+delay_moov"]))
        films.append(Film(name: "negative.mp4", options: bFrames + ["-movflags", "negative_cts_offsets"]))
        films.append(Film(name: "unedited.mp4", options: bFrames + ["-use_editlist", "0"]))
        films.append(Film(name: "vp8.mkv", options: ["-c:v", "libvpx"] + hidden))
        for end in ["mp4", "mkv"] {
            films.append(Film(name: "vp9.\(end)", options: ["-c:v", "libvpx-vp9"] + hidden))
            films.append(Film(name: "hevc.\(end)", options: hevc, copying: ("hevc-cut.\(end)", ["-ss", "1.4"])))
        }
        films.append(Film(name: "av1.mkv", options: ["-c:v", "libaom-av1", "-cpu-used", "8", "-lag-in-frames", "16"]))
        films.append(Film(name: "open.mkv", options: openGroups, copying: ("open-cut.mkv", ["-ss", "1.4"])))
        return films
    }()

    @Test(arguments: films) func `each frame has the time at which ffprobe shows it`(film: Film) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "films-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var path = "\(folder)/\(film.name)"
        let pictures = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=\(film.rate):duration=3"]
        try Peer.ffmpeg(pictures + film.options + [path])
        if let copying = film.copying {
            let source = path
            path = "\(folder)/\(copying.name)"
            try Peer.ffmpeg(copying.input + ["-i", source, "-c", "copy", path])
        }
        let found = try VideoFrames(path, verify: false, cancellation: Cancellation())
        let frames = found.times
        #expect(!found.isCutOff, "\(found.notes)")
        let shown = try Peer.frameTimes(path)
        #expect(frames.count == shown.count && frames.count > 30)
        // AVI has no times of showing: ffprobe names none for the pictures that a decoder has left at the end.
        let times = shown.compactMap(\.self).sorted()
        #expect(shown.count - times.count <= (path.hasSuffix(".avi") ? 2 : 0))
        #expect(frames.prefix(times.count) == times[...], "\(zip(frames, times).filter { $0 != $1 }.prefix(5))")
        // What it leaves open goes on at the film's own pace.
        let rate = film.rate.split(separator: "/").compactMap { Double($0) }
        let interval = 1e9 / rate[0] * (rate.count > 1 ? rate[1] : 1)
        for (before, after) in zip(frames, frames.dropFirst()).suffix(shown.count - times.count) {
            #expect(abs(Double(after - before) - interval) < 2)
        }
    }

    @Test(arguments: ["mp4", "mkv", "avi"]) func `of a file that was cut off its frames count, and it is told`(end: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "films-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (whole, cut) = ("\(folder)/whole.\(end)", "\(folder)/cut.\(end)")
        try Peer.ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=30:duration=6"] + Self.bFrames + ["-movflags", "faststart", whole]
        )
        let bytes = try Data(contentsOf: URL(filePath: whole))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: cut))
        let found = try VideoFrames(cut, verify: false, cancellation: Cancellation())
        #expect(found.isCutOff)
        #expect(found.notes.count == 1 && found.notes[0].hasPrefix("It ends early: its header tells of 6.0 s, and its frames end after "))
        let shown = try Peer.frameTimes(cut)
        #expect(found.times.count > 30 && abs(found.times.count - shown.count) < 2)
        #expect(zip(found.times, shown.compactMap(\.self).sorted()).allSatisfy { $0 == $1 })
    }
}

/// FFmpeg's own programs.
private enum Peer {
    static let isInstalled = ["ffmpeg", "ffprobe"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }

    static func ffmpeg(_ arguments: [String]) throws {
        _ = try run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
    }

    /// When each frame is shown, in nanoseconds, in the order of showing; nil where it does not say.
    static func frameTimes(_ path: String) throws -> [Int64?] {
        struct Answer: Decodable {
            struct Stream: Decodable { var timeBase: String }
            struct Frame: Decodable { var pts: Int64?, bestEffortTimestamp: Int64? }
            var streams: [Stream]
            var frames: [Frame]
        }
        let entries = "stream=time_base:frame=pts,best_effort_timestamp"
        let text = try run("ffprobe", ["-v", "quiet", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", path])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try decoder.decode(Answer.self, from: Data(text.utf8))
        let base = try #require(answer.streams.first).timeBase.split(separator: "/").compactMap { Int64($0) }
        return answer.frames.map { frame in
            (frame.pts ?? frame.bestEffortTimestamp).map { ticks in
                // To the nearest nanosecond, a half away from zero.
                let (whole, rest) = (ticks * base[0] * 1_000_000_000).quotientAndRemainder(dividingBy: base[1])
                return whole + (2 * rest >= base[1] ? 1 : 2 * rest <= -base[1] ? -1 : 0)
            }
        }
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/\(program)")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
        return String(decoding: data, as: UTF8.self)
    }
}
