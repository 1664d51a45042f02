public import ExportCore
public import Plans
import Requests
public import Sidecars
import Synchronization

/// How far one job is, measured in estimated work: bytes to be read and written, parts and packages alike.
///
/// The percentage never goes down. The time left comes from the speed of this run on work that was really done in it, of
/// encoding and of packaging apart: a byte of video costs a hundred times more to make than to package, a byte of raw
/// pictures less. How fast packaging is, no job can know before it begins; until then the last job's speed stands in, and
/// the parts that are done tell how much there will be to package.
public final class ProgressMeter: Sendable {
    /// What even the smallest part or package costs, in the bytes that would take as long.
    private static let overhead = 65_536.0
    /// Below this share of the work a speed says nothing.
    private static let leastShare = 0.005
    /// Seconds of packaging that say how fast it is.
    private static let leastPackaging = 0.3
    /// So much of the packaging an earlier speed counts for.
    private static let headShare = 0.05

    private struct Item {
        var weight: Double
        /// Bytes that the plan expects it to write.
        var expected = 0.0
        var fraction = 0.0
        var read: Int64 = 0
        var written: Int64 = 0
        var fresh = true
        var done = false
    }

    private struct State {
        var parts: [Item] = []
        var assemblies: [Item] = []
        /// For each dataset, how many of its parts are still to be done.
        var open: [Int] = []
        var partDatasets: [Int?] = []
        var current: String?
        var percent = 0.0
        var began: ContinuousClock.Instant?
        var openParts = 0
        /// When the last part was done, and packaging began.
        var encoded: ContinuousClock.Instant?
        var finished = false
        var package = ExportRequest.PackageKind.tarGzip

        /// How much larger the parts that are done are than the plan expected; so will the packages be.
        var growth: Double {
            var (written, expected) = (0.0, 0.0)
            for part in parts where part.done && part.written > 0 {
                written += Double(part.written)
                expected += part.expected
            }
            return expected > 0 ? min(max(written / expected, 0.01), 100) : 1
        }
    }

    private let state = Mutex(State())
    private let instant: @Sendable () -> ContinuousClock.Instant
    private let now: @Sendable () -> Timestamp
    private let packaging: PackagingSpeed

    /// A meter that shows nothing yet.
    ///
    /// - Parameter packaging: how fast packages were made last, and where that is noted.
    public init(
        packaging: PackagingSpeed = .ofThisProcess,
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.packaging = packaging
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
            state.package = plan.package
            state.open = [Int](repeating: 0, count: plan.datasets.count)
            var written = [Double](repeating: 0, count: plan.exports.count)
            state.parts = plan.parts.map { part in
                let estimate = part.estimate
                if written.indices.contains(part.export) { written[part.export] += Double(max(0, estimate.bytesWritten)) }
                let expected = Double(max(0, estimate.bytesWritten))
                return Item(weight: Double(max(0, estimate.bytesRead)) + expected + Self.overhead, expected: expected)
            }
            state.assemblies = written.map { Item(weight: $0 / 2 + Self.overhead) }
            state.partDatasets = plan.parts.map { state.open.indices.contains($0.dataset) ? $0.dataset : nil }
            for dataset in state.partDatasets.compactMap(\.self) { state.open[dataset] += 1 }
            state.openParts = state.parts.count
            state.encoded = state.parts.isEmpty ? instant : nil
        }
    }

    /// Notes how far a part is.
    public func part(_ index: Int, _ progress: WorkerProgress) {
        state.withLock { state in
            guard state.parts.indices.contains(index), !state.parts[index].done else { return }
            Self.advance(&state.parts[index], progress)
            if let dataset = progress.dataset { state.current = dataset.text }
        }
    }

    /// Notes that a part is done; `nil` means that it was left out.
    public func partDone(_ index: Int, _ summary: PartSummary?) {
        let instant = instant()
        state.withLock { state in
            guard state.parts.indices.contains(index), !state.parts[index].done else { return }
            state.parts[index].done = true
            state.parts[index].fraction = 1
            state.parts[index].fresh = summary?.reused == false
            state.parts[index].read = summary?.bytesRead ?? 0
            state.parts[index].written = summary?.bytesWritten ?? 0
            if let dataset = state.partDatasets[index] { state.open[dataset] -= 1 }
            state.openParts -= 1
            if state.openParts == 0 { state.encoded = instant }
        }
    }

    /// Notes how far the assembly of an export is.
    public func assembly(_ export: Int, _ progress: WorkerProgress) {
        state.withLock { state in
            guard state.assemblies.indices.contains(export), !state.assemblies[export].done else { return }
            Self.advance(&state.assemblies[export], progress)
        }
    }

    /// Notes that an export is packaged.
    public func assemblyDone(_ export: Int, bytes: Int64, reused: Bool) {
        state.withLock { state in
            guard state.assemblies.indices.contains(export) else { return }
            state.assemblies[export].done = true
            state.assemblies[export].fraction = 1
            state.assemblies[export].fresh = !reused
            state.assemblies[export].written = bytes
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
            var total = 0.0
            var done = 0.0
            var (read, written): (Int64, Int64) = (0, 0)
            for item in [state.parts, state.assemblies].joined() {
                total += item.weight
                done += item.weight * item.fraction
                read += item.read
                written += item.written
            }
            let share = total > 0 ? done / total : 0
            // A hundred is said only once the packages are where they belong.
            let percent = state.finished ? 100 : min(99.9, (share * 1000).rounded(.down) / 10)
            state.percent = max(state.percent, percent)
            return StatusDocument.Progress(
                percent: state.percent,
                datasetsDone: state.open.count { $0 == 0 },
                datasetsTotal: state.open.count,
                current: state.current,
                bytesRead: read,
                bytesWritten: written,
                etaSeconds: state.finished ? 0 : remaining(state, at: elapsed),
                updatedAt: time
            )
        }
    }

    private static func advance(_ item: inout Item, _ progress: WorkerProgress) {
        item.fraction = min(1, max(item.fraction, progress.fraction.isFinite ? progress.fraction : 0))
        item.read = max(item.read, progress.bytesRead)
        item.written = max(item.written, progress.bytesWritten)
    }

    private func remaining(_ state: State, at now: ContinuousClock.Instant) -> Int? {
        guard let began = state.began else { return nil }
        var seconds = 0.0
        let parts = Self.sums(state.parts)
        if parts.left > 0 {
            guard let speed = Self.speed(parts, since: began, at: now) else { return nil }
            seconds += parts.left / speed
        }
        let assemblies = Self.sums(state.assemblies)
        // The first moments of packaging say little; until they say more, what was known before counts with them.
        let known = packaging.weightPerSecond(of: state.package) / state.growth
        let head = assemblies.total * Self.headShare
        if let encoded = state.encoded, assemblies.fresh > 0 {
            let elapsed = (now - encoded) / .seconds(1)
            // What is done in a moment tells of starting a worker, not of packaging.
            if elapsed >= Self.leastPackaging, assemblies.fresh >= head {
                packaging.note(assemblies.fresh / elapsed * state.growth, of: state.package)
            }
            seconds += assemblies.left * (elapsed + head / known) / (assemblies.fresh + head)
        } else {
            seconds += assemblies.left / known
        }
        return seconds < 1e9 ? Int(seconds.rounded(.up)) : nil
    }

    /// Work that was done in this run, work that is left, and all work.
    private static func sums(_ items: [Item]) -> (fresh: Double, left: Double, total: Double) {
        var sums = (fresh: 0.0, left: 0.0, total: 0.0)
        for item in items {
            if item.fresh { sums.fresh += item.weight * item.fraction }
            sums.left += item.weight * (1 - item.fraction)
            sums.total += item.weight
        }
        return sums
    }

    private static func speed(
        _ sums: (fresh: Double, left: Double, total: Double),
        since began: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) -> Double? {
        let elapsed = (now - began) / .seconds(1)
        guard elapsed >= 1, sums.total > 0, sums.fresh / sums.total >= leastShare else { return nil }
        return sums.fresh / elapsed
    }
}
