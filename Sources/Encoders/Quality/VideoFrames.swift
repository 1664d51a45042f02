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

    /// Whether frames end long before the file's header says, as they do where a recorder was cut off.
    private(set) var isCutOff = false

    /// What a header may promise too much, in nanoseconds: sound that goes on, a last frame that stands.
    private static let leastCut: Int64 = 1_000_000_000

    init(_ path: String, verify: Bool, cancellation: Cancellation) throws {
        guard let status = try FileSystem.statusIfPresent(of: path), status.kind == .regular else {
            throw ExportError(.datasetUnreadable, "It is no regular file.")
        }
        let file = try VideoFile(path)
        var hidden = 0
        var timeless = 0
        // Of containers without times of showing.
        var heldBack: [Int64] = []
        var (last, step) = (Int64?.none, Int64?.none)
        var end = Int64.min
        while let packet = try file.next() {
            try cancellation.check()
            // What an edit list cuts off is there for the decoder only.
            guard packet.isShown else {
                hidden += 1
                continue
            }
            guard let ticks = packet.ticks, let time = packet.nanoseconds else {
                timeless += 1
                continue
            }
            end = max(end, time.addingReportingOverflow(packet.duration ?? 0).partialValue)
            guard packet.isTimeOfDecoding || !heldBack.isEmpty else {
                times.append(time)
                continue
            }
            if packet.isTimeOfDecoding { heldBack.append(time) } else { times.append(time) }
            if let last, ticks > last { step = min(step ?? .max, ticks.subtractingReportingOverflow(last).partialValue) }
            last = max(last ?? ticks, ticks)
        }
        if let last, !heldBack.isEmpty {
            // A decoder shows a picture that it holds back when it takes in the one so many behind it, and the last ones one after
            // the other, when there is nothing more to take in.
            let late = min(file.picturesHeldBack, heldBack.count)
            heldBack.removeFirst(late)
            for number in 0..<Int64(late) {
                let (wait, isTooLong) = (step ?? 1).multipliedReportingOverflow(by: number + 1)
                let (ticks, isTooLate) = last.addingReportingOverflow(wait)
                if !isTooLong, !isTooLate, let time = file.nanoseconds(ofTicks: ticks) { heldBack.append(time) }
            }
            times += heldBack
        }
        times.sort()
        if let first = times.first, let duration = file.durationNanoseconds {
            // Some containers count from their first frame, others from zero.
            let (found, overflow) = end.subtractingReportingOverflow(min(first, 0))
            if !overflow, duration - found > Self.leastCut {
                isCutOff = true
                let (told, there) = (Self.seconds(duration), Self.seconds(found))
                notes.append("It ends early: its header tells of \(told) s, and its frames end after \(there) s.")
            }
        }
        if hidden > 0 { notes.append("\(Self.frames(hidden)) cut off by its edit list and not counted.") }
        if timeless > 0 { notes.append("\(Self.frames(timeless)) without a time and not counted.") }
        if verify { verified = try Self.verify(path, cancellation) }
    }

    private static func frames(_ count: Int) -> String { count == 1 ? "1 frame is" : "\(count) frames are" }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
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
