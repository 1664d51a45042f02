public import ExportCore
import Formats
public import Plans
public import Sidecars
import Synchronization

/// How far one job is, and how long the rest of it takes.
///
/// The percentage counts the time that the work was expected to take, and never goes down. The time left is that of the
/// stages still to do (the parts of each export, then the packages), each at the speed that this run has shown or, before
/// it has, at that of earlier jobs. It is told only where what is known makes it good to a third of the whole: no time is
/// better than a wrong one.
public final class ProgressMeter: Sendable {
    /// What even the smallest part or package costs, in the bytes that would take as long.
    private static let overhead = 65_536.0
    /// What may be in doubt, as a share of the whole time, for the time left to be told.
    private static let mostDoubt = 0.3

    /// A part or a package.
    private struct Item {
        /// The bytes that it counts for.
        var weight: Double
        /// Bytes that the plan expects it to write.
        var expected = 0.0
        var fraction = 0.0
        var read: Int64 = 0
        var written: Int64 = 0
        var done = false
    }

    private struct Part {
        var item: Item
        var export: Int
        var dataset: Int?
    }

    /// One export: its parts, then its package.
    private struct Export {
        var encoding: Stage
        var packaging: Stage
        var package = Item(weight: 1)
        var openParts = 0
        /// Bytes that parts still to be done are expected to write.
        var toWrite = 0.0
        /// Bytes that parts have written, and that they were expected to write.
        var written = 0.0
        var expected = 0.0
        /// What a byte of a part and the whole package count of the percentage: seconds, as expected at the beginning.
        var secondsPerByte = 0.0
        var packagingSeconds = 0.0

        /// How much larger than planned the parts have come out.
        private var growth: Double { expected > 0 && written > 0 ? min(max(written / expected, 0.01), 100) : 1 }
        /// Bytes to be packaged, reckoned from the parts that are done.
        var packageBytes: Double { written + toWrite * growth + ProgressMeter.overhead }

        mutating func partDone(expected bytes: Double, _ summary: PartSummary?) {
            openParts -= 1
            toWrite -= bytes
            guard let summary else { return }
            // The twin of another part is told of without a size.
            written += summary.bytesWritten > 0 ? Double(summary.bytesWritten) : bytes * growth
            expected += bytes
        }
    }

    private struct State {
        var parts: [Part] = []
        var exports: [Export] = []
        /// For each dataset, how many of its parts are still to be done.
        var open: [Int] = []
        var current: String?
        var percent = 0.0
        var totalSeconds = 0.0
        var doneSeconds = 0.0
        var read: Int64 = 0
        var written: Int64 = 0
        var began: ContinuousClock.Instant?
        var finished = false

        /// Whether there is such a part that is not done.
        func isOpen(_ part: Int) -> Bool {
            parts.indices.contains(part) && !parts[part].item.done && exports.indices.contains(parts[part].export)
        }
    }

    private let state = Mutex(State())
    private let instant: @Sendable () -> ContinuousClock.Instant
    private let now: @Sendable () -> Timestamp
    private let speeds: WorkSpeeds

    /// A meter that shows nothing yet.
    ///
    /// - Parameter speeds: how fast earlier jobs were, and where it is noted how fast this one is.
    public init(
        speeds: WorkSpeeds = .ofThisProcess,
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.speeds = speeds
        self.instant = instant
        self.now = now
    }

    /// Says what is happening while there is no plan yet.
    public func note(_ current: String) {
        state.withLock { $0.current = current }
    }

    /// Lays out the work of a plan; nothing of it is done yet.
    public func begin(_ plan: Plan) {
        let instant = instant()
        state.withLock { state in
            state.began = instant
            state.current = nil
            state.open = [Int](repeating: 0, count: plan.datasets.count)
            state.exports = plan.exports.map {
                Export(encoding: Stage(.encoding($0)), packaging: Stage(.packaging($0.format, plan.package)))
            }
            for part in plan.parts where state.exports.indices.contains(part.export) {
                let expected = Double(max(0, part.estimate.bytesWritten))
                let weight = Double(max(0, part.estimate.bytesRead)) + expected + Self.overhead
                state.exports[part.export].encoding.total += weight
                state.exports[part.export].toWrite += expected
                state.exports[part.export].openParts += 1
            }
            state.parts = plan.parts.map { part in
                let expected = Double(max(0, part.estimate.bytesWritten))
                let weight = Double(max(0, part.estimate.bytesRead)) + expected + Self.overhead
                let dataset = state.open.indices.contains(part.dataset) ? part.dataset : nil
                return Part(item: Item(weight: weight, expected: expected), export: part.export, dataset: dataset)
            }
            for dataset in state.parts.compactMap(\.dataset) { state.open[dataset] += 1 }
            for export in state.exports.indices {
                let bytes = state.exports[export].packageBytes
                state.exports[export].packaging.total = bytes
                state.exports[export].secondsPerByte = 1 / speeds.speed(of: state.exports[export].encoding.work).bytesPerSecond
                state.exports[export].packagingSeconds = bytes / speeds.speed(of: state.exports[export].packaging.work).bytesPerSecond
                state.totalSeconds += state.exports[export].encoding.total * state.exports[export].secondsPerByte
                state.totalSeconds += state.exports[export].packagingSeconds
            }
            beginNext(&state, at: instant)
        }
    }

    /// Notes how far a part is.
    public func part(_ index: Int, _ progress: WorkerProgress) {
        let instant = instant()
        state.withLock { state in
            guard state.isOpen(index) else { return }
            if let dataset = progress.dataset { state.current = dataset.text }
            let export = state.parts[index].export
            var item = state.parts[index].item
            let bytes = advance(&item, progress, &state)
            state.parts[index].item = item
            state.doneSeconds += bytes * state.exports[export].secondsPerByte
            state.exports[export].encoding.advance(by: bytes, of: item.fraction, at: instant)
        }
    }

    /// Notes that a part is done; `nil` means that it was left out.
    public func partDone(_ index: Int, _ summary: PartSummary?) {
        let instant = instant()
        state.withLock { state in
            guard state.isOpen(index) else { return }
            let (before, export) = (state.parts[index].item, state.parts[index].export)
            let left = before.weight * (1 - before.fraction)
            state.parts[index].item.done = true
            state.read += (summary?.bytesRead ?? 0) - before.read
            state.written += (summary?.bytesWritten ?? 0) - before.written
            state.doneSeconds += left * state.exports[export].secondsPerByte
            if summary?.reused == false {
                state.exports[export].encoding.advance(by: left, of: 1, at: instant)
            } else {
                // It says nothing about how fast this machine encodes.
                state.exports[export].encoding.leaveOut(before.weight, done: before.weight - left)
            }
            state.exports[export].partDone(expected: before.expected, summary)
            state.exports[export].packaging.total = state.exports[export].packageBytes
            if let dataset = state.parts[index].dataset { state.open[dataset] -= 1 }
            if state.exports[export].openParts == 0 {
                state.exports[export].encoding.end(at: instant, speeds)
                beginNext(&state, at: instant)
            }
        }
    }

    /// Notes how far the assembly of an export is.
    public func assembly(_ export: Int, _ progress: WorkerProgress) {
        let instant = instant()
        state.withLock { state in
            guard state.exports.indices.contains(export), !state.exports[export].package.done else { return }
            var package = state.exports[export].package
            let share = advance(&package, progress, &state)
            state.exports[export].package = package
            state.doneSeconds += share * state.exports[export].packagingSeconds
            state.exports[export].packaging.advance(
                by: share * state.exports[export].packaging.total,
                of: package.fraction,
                at: instant
            )
        }
    }

    /// Notes that an export is packaged.
    public func assemblyDone(_ export: Int, bytes: Int64, reused: Bool) {
        let instant = instant()
        state.withLock { state in
            guard state.exports.indices.contains(export), !state.exports[export].package.done else { return }
            let before = state.exports[export].package
            let left = 1 - before.fraction
            state.exports[export].package.done = true
            state.written += bytes - before.written
            state.doneSeconds += left * state.exports[export].packagingSeconds
            let total = state.exports[export].packaging.total
            if reused {
                state.exports[export].packaging.leaveOut(total, done: total * before.fraction)
            } else {
                state.exports[export].packaging.advance(by: left * total, of: 1, at: instant)
            }
            state.exports[export].packaging.end(at: instant, speeds)
            beginNext(&state, at: instant)
        }
    }

    /// Notes that the job is complete.
    public func finish() {
        state.withLock { state in
            state.finished = true
            state.current = nil
        }
    }

    /// How far the job is now.
    public func snapshot() -> StatusDocument.Progress {
        let elapsed = instant()
        let time = now().rfc3339
        return state.withLock { state in
            let share = state.totalSeconds > 0 ? state.doneSeconds / state.totalSeconds : 0
            // A hundred is said only once the packages are where they belong.
            let percent = state.finished ? 100 : min(99.9, (share * 1000).rounded(.down) / 10)
            state.percent = max(state.percent, percent)
            return StatusDocument.Progress(
                percent: state.percent,
                datasetsDone: state.open.count { $0 == 0 },
                datasetsTotal: state.open.count,
                current: state.current,
                bytesRead: state.read,
                bytesWritten: state.written,
                etaSeconds: state.finished ? 0 : remaining(&state, at: elapsed),
                updatedAt: time
            )
        }
    }

    /// Notes what a worker says of an item, and returns how many more of its bytes are done.
    private func advance(_ item: inout Item, _ progress: WorkerProgress, _ state: inout State) -> Double {
        let before = item
        item.fraction = min(1, max(item.fraction, progress.fraction.isFinite ? progress.fraction : 0))
        item.read = max(item.read, progress.bytesRead)
        item.written = max(item.written, progress.bytesWritten)
        state.read += item.read - before.read
        state.written += item.written - before.written
        return item.weight * (item.fraction - before.fraction)
    }

    /// Starts the clock of the stage that comes next.
    private func beginNext(_ state: inout State, at instant: ContinuousClock.Instant) {
        if let export = state.exports.firstIndex(where: { $0.openParts > 0 }) {
            state.exports[export].encoding.begin(at: instant)
        } else if let export = state.exports.firstIndex(where: { !$0.package.done }) {
            state.exports[export].packaging.begin(at: instant)
        }
    }

    private func remaining(_ state: inout State, at now: ContinuousClock.Instant) -> Int? {
        guard let began = state.began else { return nil }
        var (seconds, doubt) = (0.0, 0.0)
        for export in state.exports.indices {
            guard let encoding = state.exports[export].encoding.outlook(at: now, speeds),
                let packaging = state.exports[export].packaging.outlook(at: now, speeds)
            else { return nil }
            seconds += encoding.seconds + packaging.seconds
            doubt += encoding.doubt + packaging.doubt
        }
        guard doubt <= Self.mostDoubt * ((now - began) / .seconds(1) + seconds) else { return nil }
        return seconds < 1e9 ? Int(seconds.rounded()) : nil
    }
}
