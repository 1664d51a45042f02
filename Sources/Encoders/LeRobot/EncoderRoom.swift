import Dispatch
import Media

/// The memory that the open video encoders of one part may take together: who wants to open one waits until there is room.
final class EncoderRoom: Sendable {
    /// Room is given out in pieces of so many bytes.
    private static let piece = 10_000_000
    /// Leaves the rest of a worker's 400 MB to reading.
    private static let pieces = 30

    private let free = DispatchSemaphore(value: 0)
    private let turn = DispatchSemaphore(value: 0)

    init() {
        // Semaphores must not end lower than they began, and a failure may end this one at any time.
        for _ in 0..<Self.pieces { free.signal() }
        turn.signal()
    }

    /// Room that is taken until this is let go.
    final class Share {
        private let pieces: Int
        private let room: EncoderRoom

        fileprivate init(_ pieces: Int, of room: EncoderRoom) {
            self.pieces = pieces
            self.room = room
        }

        deinit {
            for _ in 0..<pieces { room.free.signal() }
        }
    }

    /// Waits for room for one encoder; an encoder that needs more than there is gets it all.
    func share(for codec: VideoSettings.Codec, width: Int, height: Int) -> Share {
        let wanted = min((Self.bytes(codec, pixels: width * height) + Self.piece - 1) / Self.piece, Self.pieces)
        // One at a time, so that two who wait do not hold what the other needs.
        turn.wait()
        for _ in 0..<wanted { free.wait() }
        turn.signal()
        return Share(wanted, of: self)
    }

    /// What an encoder with a key frame every 2 frames takes: measured from 640×480 to 1920×1080 pixels, and rounded up.
    private static func bytes(_ codec: VideoSettings.Codec, pixels: Int) -> Int {
        switch codec {
        case .av1: 40_000_000 + 80 * pixels
        case .h264: 10_000_000 + 35 * pixels
        }
    }
}
