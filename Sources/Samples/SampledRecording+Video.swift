import ExportCore
public import Recordings
import Sampling

extension SampledRecording {
    /// How the messages of a camera are coded where they are a video; nil where each picture stands alone.
    public func videoCodec(of camera: Int) -> VideoCodec? {
        videoReader(of: camera)?.reader.codec
    }

    /// Why the access units of an episode are not by themselves the video of its ticks, as the rest of a sentence; nil where
    /// they are.
    ///
    /// They are where each tick takes the picture that follows the one of the tick before, and the first is a key frame.
    public func hindranceToCopying(videoOf camera: Int, in episode: Episode) throws -> String? {
        guard let (track, reader) = videoReader(of: camera) else { return "the camera sends no video" }
        let picks = Array(picks(of: track, in: episode))
        for (tick, sample) in picks.enumerated().dropFirst() {
            try cancellation.check()
            if sample == picks[tick - 1] { return "ticks \(tick - 1) and \(tick) take the same picture" }
            guard sample == picks[tick - 1] + 1, reader.followsDirectly(sample: sample) else {
                return "pictures are left out between ticks \(tick - 1) and \(tick)"
            }
        }
        return try reader.isClosedKeyFrame(sample: picks[0]) ? nil : "its first picture is no key frame"
    }

    /// Hands out the access units of an episode's ticks as they are in the recording, in order; their bytes are valid during
    /// the call only.
    ///
    /// - Throws: `UnusableSample`, a failure to read the recording, `CancellationError`, or what `body` throws.
    public func forEachAccessUnit(of camera: Int, in episode: Episode, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let (track, reader) = videoReader(of: camera) else { return }
        for sample in picks(of: track, in: episode) {
            try cancellation.check()
            try reader.withAccessUnit(ofSample: sample, body)
        }
    }

    private func videoReader(of camera: Int) -> (track: Int, reader: VideoReader)? {
        for (index, track) in tracks.enumerated() {
            if case .video(camera, let reader) = track.use { return (index, reader) }
        }
        return nil
    }

    /// The sample of each tick of an episode.
    private func picks(of track: Int, in episode: Episode) -> ArraySlice<Int> {
        let alignment = Alignment(grid: episode.grid, streams: tracks.map(\.stream), strict: strict)
        return alignment.picks[track].samples[episode.ticks]
    }
}
