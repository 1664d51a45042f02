/// One stretch of a job's work, all of one kind, and how long the rest of it takes.
struct Stage {
    typealias Instant = ContinuousClock.Instant

    /// Seconds, and how many of them are in doubt.
    struct Outlook {
        var seconds: Double
        var doubt: Double
    }

    /// What is done at an instant, of the work that this run does.
    private struct Mark {
        var instant: Instant
        var fresh: Double
    }

    /// A first word of an item that is this far already says little of when the item began.
    private static let firstWord = 0.25
    /// So much of the stage an earlier job's speed counts for, beside what is measured.
    private static let headShare = 0.05
    /// Seconds over which a speed is measured at least, so that the work of a moment does not count for an hour's.
    private static let leastSeconds = 0.3
    /// What is measured is off by so much of the stage, since parts come in lumps, and by so many seconds, since they are told of late.
    private static let noisyShare = 0.02
    private static let noisySeconds = 0.05
    /// Seconds, and the share of all so far, after which old measurements make room for new ones: neighbours come and go.
    private static let windowSeconds = 60.0
    private static let windowShare = 0.125

    let work: WorkSpeeds.Work
    /// Bytes, as the work's speed counts them.
    var total = 0.0
    private var done = 0.0
    /// What of that was done in this run, and what was there already.
    private var fresh = 0.0
    private var found = 0.0
    private var began: Instant?
    private var hasEnded = false
    private var mark: Mark?
    private var nextMark: Mark?

    init(_ work: WorkSpeeds.Work) {
        self.work = work
    }

    /// Starts the clock, unless it runs.
    mutating func begin(at instant: Instant) {
        began = began ?? instant
    }

    /// Notes that more of it was done.
    ///
    /// - Parameter fraction: How far the item is that this comes from.
    mutating func advance(by bytes: Double, of fraction: Double, at instant: Instant) {
        begin(at: instant)
        done += bytes
        fresh += bytes
        if mark == nil, bytes > 0, let began {
            // Where the beginning was seen, what it takes to start a worker does not count as work.
            mark = fraction <= Self.firstWord ? Mark(instant: instant, fresh: fresh) : Mark(instant: began, fresh: 0)
        }
    }

    /// Notes that an item was found done, or is left out.
    ///
    /// - Parameter done: What was taken for done of it before.
    mutating func leaveOut(_ bytes: Double, done before: Double) {
        done += bytes - before
        fresh -= before
        found += bytes
    }

    /// Notes that nothing of it is left, and how fast it was for jobs to come.
    mutating func end(at instant: Instant, _ speeds: WorkSpeeds) {
        guard !hasEnded else { return }
        hasEnded = true
        guard let began, fresh > found else { return }
        let seconds = max((instant - began) / .seconds(1), 0.01)
        speeds.note(fresh / seconds, of: work, over: seconds)
    }

    /// How long the rest takes; nil where that cannot be said.
    mutating func outlook(at now: Instant, _ speeds: WorkSpeeds) -> Outlook? {
        let left = total - done
        guard !hasEnded, left > 0 else { return Outlook(seconds: 0, doubt: 0) }
        let known = speeds.speed(of: work)
        if let measured = measured(at: now), measured.seconds >= Self.leastSeconds, measured.bytes > 0 {
            let head = known.doubt < 0.5 ? total * Self.headShare : 0
            let seconds = left * (measured.seconds + head / known.bytesPerSecond) / (measured.bytes + head)
            let noise = Self.noisyShare * total / fresh + Self.noisySeconds / measured.seconds
            let weight = head / (measured.bytes + head)
            return Outlook(seconds: seconds, doubt: seconds * min(known.doubt * weight + noise * (1 - weight), 1))
        }
        let expected = left / known.bytesPerSecond
        guard let began else { return Outlook(seconds: expected, doubt: expected * known.doubt) }
        let elapsed = (now - began) / .seconds(1)
        // It should have ended long ago, and nothing was heard of it: what was known does not hold.
        guard elapsed < 1.5 * expected + 1 else { return nil }
        return Outlook(seconds: max(0, expected - elapsed), doubt: expected * known.doubt)
    }

    /// What was done lately, in how long.
    private mutating func measured(at now: Instant) -> (bytes: Double, seconds: Double)? {
        guard let mark, let began else { return nil }
        let window = max(Self.windowSeconds, (now - began) / .seconds(1) * Self.windowShare)
        let newest = nextMark ?? mark
        if (now - newest.instant) / .seconds(1) >= window, fresh > newest.fresh {
            self.mark = newest
            nextMark = Mark(instant: now, fresh: fresh)
        }
        guard let mark = self.mark else { return nil }
        return (fresh - mark.fresh, (now - mark.instant) / .seconds(1))
    }
}
