import ExportCore
import Files
public import Media
public import Recordings
import Sampling

/// Changes pictures on their way from a recording to an encoder.
///
/// Used by the thread that reads the recording.
public protocol PictureTransform: AnyObject {
    /// What is handed on in place of a picture that stands alone; its bytes are valid during the call only.
    ///
    /// - Parameter sample: which of the camera's samples it is; several ticks may share it.
    func still(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, sample: Int) throws -> TransformedPicture
    /// What is handed on in place of a picture of a video: for one sample always the same object.
    func picture(_ picture: Picture, of camera: Int, sample: Int) throws -> Picture
}

/// What becomes of a picture.
public enum TransformedPicture {
    /// It is handed on as it is.
    case unchanged
    /// Other bytes of the same kind.
    case bytes([UInt8])
    /// A decoded picture.
    case picture(Picture)
}

/// A camera's sample, as it is gone through before anything is encoded.
public struct CameraSample {
    /// What it shows.
    public enum Content {
        /// A picture that stands alone; its bytes are valid during the call only.
        case still(ImagePayload, UnsafeRawBufferPointer)
        /// A picture of a video.
        case decoded(Picture)
        /// Nothing that could be read; only where no episode shows it.
        case nothing
    }

    /// Its number among the camera's samples.
    public let number: Int
    /// When it was taken, by the chosen clock, in nanoseconds.
    public let time: Int64
    /// Whether it belongs to a stretch that an episode shows.
    public let isShown: Bool
    /// Whether the camera's samples end here, or are not gone through for a while.
    public let isLast: Bool
    /// What it shows.
    public let content: Content
}

extension SampledRecording {
    /// Goes through the pictures of one camera that episodes show, and those that were taken shortly before and after, in order
    /// of time and each once.
    ///
    /// - Parameter margin: how much before and after, in nanoseconds.
    /// - Throws: `UnusableSample` where an episode shows a message without a picture; a failure to read; what `body` throws.
    public func forEachSample(of camera: Int, margin: Int64, _ body: (CameraSample) throws -> Void) throws {
        guard let place = tracks.firstIndex(where: { $0.camera == camera }) else { return }
        let track = tracks[place]
        let stretches = stretches(of: place, margin: margin)
        for (shown, read) in stretches {
            for sample in read {
                try cancellation.check()
                let isShown = shown.contains(sample)
                func give(_ content: CameraSample.Content) throws {
                    let time = track.stream.times[sample]
                    try body(CameraSample(number: sample, time: time, isShown: isShown, isLast: sample == read.last, content: content))
                }
                do {
                    switch track.use {
                    case .numeric: return
                    case .camera(_, let reader):
                        let given: Void? = try recording.withReadablePayload(of: track.topic, at: track.locations[sample]) { payload in
                            guard let picture = try reader.picture(in: payload) else { throw UnusableSample() }
                            try picture.withBytes(in: payload) { try give(.still(picture, $0)) }
                        }
                        if given == nil { throw UnusableSample() }
                    case .video(_, let reader): try give(.decoded(try reader.picture(ofSample: sample)))
                    }
                } catch is UnusableSample where !isShown {
                    try give(.nothing)
                }
            }
        }
    }

    /// When a camera's sample was taken, by the chosen clock, in nanoseconds.
    public func sampleTime(of camera: Int, sample: Int) -> Int64 {
        tracks.first { $0.camera == camera }?.stream.times[sample] ?? 0
    }

    /// Samples that episodes show, and around them those that are read: apart from each other, in order.
    private func stretches(of track: Int, margin: Int64) -> [(shown: Set<Int>, read: ClosedRange<Int>)] {
        let times = tracks[track].stream.times
        var shown: [Set<Int>] = []
        for episode in episodes {
            let alignment = Alignment(grid: episode.grid, streams: tracks.map(\.stream), strict: strict)
            shown.append(Set(episode.ticks.map { alignment.picks[track].samples[$0] }))
        }
        var stretches: [(shown: Set<Int>, read: ClosedRange<Int>)] = []
        for samples in shown.filter({ !$0.isEmpty }).sorted(by: { ($0.min() ?? 0) < ($1.min() ?? 0) }) {
            guard var first = samples.min(), var last = samples.max() else { continue }
            let (start, end) = (times[first] - margin, times[last] + margin)
            while first > 0, times[first - 1] >= start { first -= 1 }
            while last + 1 < times.count, times[last + 1] <= end { last += 1 }
            if let before = stretches.last, first <= before.read.upperBound + 1 {
                let united = before.read.lowerBound...max(before.read.upperBound, last)
                stretches[stretches.count - 1] = (before.shown.union(samples), united)
            } else {
                stretches.append((samples, first...last))
            }
        }
        return stretches
    }
}

extension Track {
    /// The camera that it feeds; nil where it feeds numbers.
    fileprivate var camera: Int? {
        switch use {
        case .numeric: nil
        case .camera(let camera, _), .video(let camera, _): camera
        }
    }
}
