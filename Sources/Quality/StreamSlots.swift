/// Which beat of its rhythm each frame of a stream belongs to.
///
/// Frames are not judged by their distance from the one before, since with jitter a lost frame and a late one look alike
/// there: the beat is followed, and each frame goes to the nearest.
public struct StreamSlots: Sendable {
    /// A stretch in which the stream's clock ran on; a step of the clock begins the next.
    public struct Stretch: Hashable, Sendable {
        /// Positions of its frames.
        public var frames: Range<Int>
    }

    /// The beat of each frame, counted from the first frame's; two frames may share one.
    public let slots: [Int]
    /// The stretches between steps of the clock.
    public let stretches: [Stretch]
    /// The frames before which the clock went backwards.
    public let regressions: [Int]
    /// The frames before which the clock jumped ahead by more than ten minutes: time in which nothing can be said to be missing.
    public let steps: [Int]

    /// Follows the beat through a stream.
    public init(times: [Int64], rhythm: Rhythm) {
        var follower = BeatFollower(times: times, rhythm: rhythm)
        follower.run()
        slots = follower.slots()
        stretches = follower.stretches
        regressions = follower.regressions
        steps = follower.steps
    }

    /// The interval that fits the slots of all stretches best, in nanoseconds; nil where no stretch has two beats.
    func meanInterval(of times: [Int64]) -> Double? {
        var product = 0.0
        var square = 0.0
        for stretch in stretches where stretch.frames.count > 1 {
            let start = times[stretch.frames.lowerBound]
            let first = slots[stretch.frames.lowerBound]
            let count = Double(stretch.frames.count)
            var (meanTime, meanSlot) = (0.0, 0.0)
            for index in stretch.frames {
                meanTime += Double(times[index] - start)
                meanSlot += Double(slots[index] - first)
            }
            meanTime /= count
            meanSlot /= count
            for index in stretch.frames {
                let slot = Double(slots[index] - first) - meanSlot
                product += slot * (Double(times[index] - start) - meanTime)
                square += slot * slot
            }
        }
        return square > 0 && product > 0 ? product / square : nil
    }
}

/// Walks along a stream and keeps the beat.
private struct BeatFollower {
    private let times: [Int64]
    private let interval: Double
    private let gain: Double
    /// For each frame but the first, by how many beats it lies behind the one before.
    private var advances: [Int]
    private(set) var stretches: [StreamSlots.Stretch] = []
    private(set) var regressions: [Int] = []
    private(set) var steps: [Int] = []

    /// The beat is found from so many frames where it is steady.
    private static let acquisition = 32

    init(times: [Int64], rhythm: Rhythm) {
        self.times = times
        interval = rhythm.interval
        gain = rhythm.gain
        advances = [Int](repeating: 0, count: max(times.count - 1, 0))
    }

    mutating func run() {
        guard !times.isEmpty else { return }
        var start = 0
        var phase = beat(at: 0)  // how far the beat of the last frame lies ahead of that frame, in intervals
        let (times, interval, loss) = (times, interval, 1 - gain)
        // In hand while it is filled, so that it is looked up once.
        var advances: [Int] = []
        swap(&advances, &self.advances)
        var before = times[0]
        for index in 1..<times.count {
            let time = times[index]
            let (distance, overflow) = time.subtractingReportingOverflow(before)
            before = time
            if overflow || distance < 0 || distance > Rhythm.longestInterval {
                if distance < 0 { regressions.append(index) } else { steps.append(index) }
                stretches.append(.init(frames: start..<index))
                start = index
                phase = beat(at: index)
                advances[index - 1] = 1
                continue
            }
            // Each frame waits for the one before it here, so that every move counts: to no less than a half, and cut off behind the
            // half that is added, is to the nearest whole number of beats, and none backwards.
            let turns = max(Double(distance) / interval - phase, -0.5)
            let advance = Int(turns + 0.5)
            // After a long silence the count of beats is only nearly known, and the beat itself not at all.
            phase = advance > 100 ? beat(at: index) : (Double(advance) - turns) * loss
            advances[index - 1] = advance
        }
        swap(&advances, &self.advances)
        stretches.append(.init(frames: start..<times.count))
        settle()
    }

    /// How far the beat lies ahead of a frame (behind it where negative), in intervals, judged by it and those that follow.
    private func beat(at index: Int) -> Double {
        guard gain < 1 else { return 0 }
        var deviations: [Double] = []
        for next in index..<min(index + Self.acquisition, times.count) {
            let (distance, overflow) = times[next].subtractingReportingOverflow(times[index])
            guard !overflow, distance >= 0, distance < Rhythm.longestInterval else { break }
            let turns = Double(distance) / interval
            deviations.append(folded(turns))
        }
        // The deviation that the others lie closest around; their mean about it, since deviations wrap at half a beat.
        func spread(_ centre: Double) -> Double { deviations.reduce(0) { $0 + abs(folded($1 - centre)) } }
        let centres = deviations.map { ($0, spread($0)) }
        guard let centre = centres.min(by: { $0.1 < $1.1 })?.0 else { return 0 }
        return folded(centre + deviations.reduce(0) { $0 + folded($1 - centre) } / Double(deviations.count))
    }

    private func folded(_ turns: Double) -> Double { turns - nearestWhole(turns) }

    /// The nearest whole number, of two the one farther from zero; `rounded` is a call, which costs more than following the beat.
    ///
    /// Distances are bounded, so the number fits.
    private func nearestWhole(_ turns: Double) -> Double { Double(Int(turns + (turns < 0 ? -0.5 : 0.5))) }

    /// Frames that came late in a heap are not lost: a gap is filled from the beats that are taken twice right beside it.
    private mutating func settle() {
        var index = 0
        while index < advances.count {
            guard advances[index] > 1 else {
                index += 1
                continue
            }
            var next = index + 1
            while advances[index] > 1, next < advances.count, advances[next] == 0 {
                advances[next] = 1
                advances[index] -= 1
                next += 1
            }
            var previous = index - 1
            while advances[index] > 1, previous >= 0, advances[previous] == 0 {
                advances[previous] = 1
                advances[index] -= 1
                previous -= 1
            }
            index = next
        }
    }

    func slots() -> [Int] {
        var slots: [Int] = []
        slots.reserveCapacity(times.count)
        var slot = 0
        if !times.isEmpty { slots.append(0) }
        for advance in advances {
            slot += advance
            slots.append(slot)
        }
        return slots
    }
}
