import MCAP

/// How many bytes the end of a part's file will take for what belongs to its stretch of time: states of the annotation
/// and attachments.
struct TailBudget {
    private let items: [(time: UInt64, bytes: Int)]
    private var next = 0
    /// The bytes of what has come since the part began.
    private(set) var bytes = 0

    init(track: AnnotationTrack?, attachments: [AttachmentEntry]) {
        let states = (track?.states ?? []).map { (time: $0.logTime, bytes: $0.json.count + 64) }
        let files = attachments.map { (time: $0.logTime, bytes: $0.size + 2 * ($0.name.utf8.count + $0.mediaType.utf8.count) + 128) }
        items = (states + files).sorted { $0.time < $1.time }
    }

    /// Begins a part.
    ///
    /// - Parameter extra: bytes of what belongs to it whatever its time.
    mutating func begin(at time: UInt64, extra: Int) {
        while next > 0, items[next - 1].time >= time { next -= 1 }
        while next < items.count, items[next].time < time { next += 1 }
        bytes = extra
    }

    /// Takes what comes up to an instant into account.
    mutating func advance(to time: UInt64) {
        while next < items.count, items[next].time <= time {
            bytes += items[next].bytes
            next += 1
        }
    }
}
