import ExportCore
import Files
import Media

/// When the frames of a video file are shown, from its packets; pictures are decoded only where they are to be verified.
struct VideoFrames {
    /// In order of showing, in nanoseconds of the file's own time line: packets come in order of decoding, which B-frames
    /// make another one.
    private(set) var times: [Int64] = []
    /// What reading every frame showed.
    private(set) var verified: FrameVerification.FrameFindings?
    /// What is odd about the file, as sentences.
    private(set) var notes: [String] = []

    init(_ path: String, verify: Bool, cancellation: Cancellation) throws {
        guard let status = try FileSystem.statusIfPresent(of: path), status.kind == .regular else {
            throw ExportError(.datasetUnreadable, "It is no regular file.")
        }
        let file = try VideoFile(path)
        var hidden = 0
        var timeless = 0
        while let packet = try file.next() {
            try cancellation.check()
            // What an edit list cuts off is there for the decoder only.
            guard packet.isShown else {
                hidden += 1
                continue
            }
            if let time = packet.nanoseconds { times.append(time) } else { timeless += 1 }
        }
        times.sort()
        if hidden > 0 { notes.append("\(hidden) frames are cut off by its edit list and not counted.") }
        if timeless > 0 { notes.append("\(timeless) frames have no time and are not counted.") }
        if verify { verified = try Self.verify(path, cancellation) }
    }

    /// Decodes every frame and counts those that cannot be.
    private static func verify(_ path: String, _ cancellation: Cancellation) throws -> FrameVerification.FrameFindings {
        let decoder = try VideoFileDecoder(path)
        var undecodable = 0
        while true {
            try cancellation.check()
            do {
                guard try decoder.next() != nil else { break }
            } catch VideoError.codec {
                undecodable += 1
            }
        }
        return .init(duplicates: nil, undecodable: undecodable)
    }
}
