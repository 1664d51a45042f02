import Formats
import Requests
import Synchronization

/// How fast each kind of work was done by earlier jobs: where a job begins to reckon how long it takes.
public final class WorkSpeeds: Sendable {
    /// What all jobs of this process share.
    public static let ofThisProcess = WorkSpeeds()

    /// One kind of work.
    enum Work: Hashable, Sendable {
        /// Making the parts of an export.
        case encoding(ExportOptions)
        /// Making the package of an export from its parts.
        case packaging(FormatName, ExportRequest.PackageKind)
    }

    /// A speed, and how far the time that follows from it may be off, as a share of that time.
    struct Speed: Sendable {
        /// Bytes a second: read and written by encoding, taken in by packaging.
        var bytesPerSecond: Double
        /// 0 is exact; what is far above 1 is of use only where the work hardly counts.
        var doubt: Double
    }

    private struct State {
        var known: [String: Double] = [:]
        /// What was measured and has not been kept yet.
        var news: Set<String> = []
    }

    /// How far off a speed is that an earlier job measured: other recordings, other neighbours on the machine.
    private static let doubtOfHistory = 0.25
    /// How far off a speed is that was measured of another format.
    private static let doubtOfOthers = 0.5
    /// A job that took this many seconds says all there is to say of a speed; a shorter one counts for less.
    private static let fullSeconds = 10.0

    private let state = Mutex(State())

    /// Knows nothing yet.
    public init() {}

    /// How fast some work will probably be done.
    func speed(of work: Work) -> Speed {
        let (same, alike) = state.withLock { ($0.known[work.name], $0.known[work.kind]) }
        if let same { return Speed(bytesPerSecond: same, doubt: Self.doubtOfHistory) }
        if let alike { return Speed(bytesPerSecond: alike, doubt: Self.doubtOfOthers) }
        return work.guess
    }

    /// Takes over what a job measured in so many seconds.
    func note(_ measured: Double, of work: Work, over seconds: Double) {
        guard Self.isSpeed(measured) else { return }
        state.withLock { state in
            // Neither one short job nor one odd one overturns what many have shown.
            let weight = min(1, seconds / Self.fullSeconds)
            for name in [work.name, work.kind] {
                state.known[name] = state.known[name].map { 1 / (weight / measured + (1 - weight) / $0) } ?? measured
                state.news.insert(name)
            }
        }
    }

    // MARK: From one run of the daemon to the next

    /// Takes over what an earlier process kept.
    func restore(_ kept: [String: Double]) {
        state.withLock { $0.known.merge(kept.filter { Self.isSpeed($0.value) }) { _, kept in kept } }
    }

    /// What was measured since the last call, to be kept.
    func takeNews() -> [String: Double] {
        state.withLock { state in
            defer { state.news = [] }
            return state.known.filter { state.news.contains($0.key) }
        }
    }

    private static func isSpeed(_ number: Double) -> Bool {
        number.isFinite && number > 0
    }
}

extension WorkSpeeds.Work {
    /// What it is kept as: work of one name takes about the same time for a byte.
    fileprivate var name: String {
        switch self {
        case .packaging(let format, _): return "\(kind) of \(format.rawValue)"
        case .encoding(let options):
            var name = kind
            if case .lerobot(let options) = options { name += " \(options.images.rawValue) \(options.codec.rawValue)" }
            if options.faceBlur != nil { name += " without faces" }
            return name
        }
    }

    /// What work that is somewhat alike is kept as.
    fileprivate var kind: String {
        switch self {
        case .packaging(_, let package): "packaging \(package.rawValue)"
        case .encoding(let options): "encoding \(options.format.rawValue)"
        }
    }

    /// What to expect on a machine that has never done it, of two cores.
    fileprivate var guess: WorkSpeeds.Speed {
        switch self {
        // How long encoding takes depends on recordings and options more than on anything; nobody is told a time that rests
        // on this alone.
        case .encoding(let options):
            switch options.format {
            case .mcap, .mcapChunks: WorkSpeeds.Speed(bytesPerSecond: 1e9, doubt: 5)
            case .hdf5: WorkSpeeds.Speed(bytesPerSecond: 400e6, doubt: 5)
            case .lerobot, .csv, .json, .timeAlignment, .frameDrops: WorkSpeeds.Speed(bytesPerSecond: 10e6, doubt: 5)
            case .coco, .imageCSV, .imageTAR, .voc, .yolo: WorkSpeeds.Speed(bytesPerSecond: 200e6, doubt: 5)
            }
        case .packaging(_, .tarGzip): WorkSpeeds.Speed(bytesPerSecond: 300e6, doubt: 0.5)
        case .packaging(_, .directory): WorkSpeeds.Speed(bytesPerSecond: 800e6, doubt: 0.5)
        }
    }
}
