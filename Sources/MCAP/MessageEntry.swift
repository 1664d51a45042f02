/// Where a message lies, in 16 bytes: in which chunk, and where in it.
///
/// Readers of other formats use it in the same sense; a database's row number is an offset outside chunks.
public struct MessageLocation: Hashable, Sendable, BitwiseCopyable {
    /// The place of the message record: within the chunk's uncompressed records, or in the file for one outside chunks.
    public let offset: UInt64
    /// The chunk's number in the order of the file; `outside` for a message that is in no chunk.
    public let chunk: UInt32
    /// The channel that the message must belong to.
    public let channel: UInt16

    /// The chunk number of a message that is in no chunk.
    public static let outside = UInt32.max

    /// A place that a reader found.
    public init(offset: UInt64, chunk: UInt32 = outside, channel: UInt16) {
        self.offset = offset
        self.chunk = chunk
        self.channel = channel
    }

    /// Whether the message lies outside any chunk, where reading it decompresses nothing.
    public var isOutsideChunks: Bool { chunk == Self.outside }
}

/// A message as an index lists it, in 24 bytes.
public struct MessageEntry: Hashable, Sendable {
    /// When the recorder wrote it down, in nanoseconds.
    public let logTime: UInt64
    @usableFromInline let offset: UInt64
    @usableFromInline let chunk: UInt32
    /// The channel that it belongs to.
    public let channel: UInt16

    /// A message that a reader found.
    @inlinable
    public init(logTime: UInt64, location: MessageLocation) {
        self.logTime = logTime
        offset = location.offset
        chunk = location.chunk
        channel = location.channel
    }

    init(logTime: UInt64, offset: UInt64, chunk: UInt32, channel: UInt16) {
        self.logTime = logTime
        self.offset = offset
        self.chunk = chunk
        self.channel = channel
    }

    /// Where to read it.
    public var location: MessageLocation { MessageLocation(offset: offset, chunk: chunk, channel: channel) }
}

/// A set of channels that can be asked once for every message.
struct ChannelSet {
    private var member: [Bool]
    /// Whether it is all channels, also those of which nothing is known.
    let isAll: Bool

    /// All channels.
    static let all = ChannelSet(isAll: true)

    private init(isAll: Bool) {
        member = [Bool](repeating: isAll, count: isAll ? Int(UInt16.max) + 1 : 0)
        self.isAll = isAll
    }

    init(_ channels: Set<UInt16>) {
        isAll = false
        member = [Bool](repeating: false, count: channels.max().map { Int($0) + 1 } ?? 0)
        for channel in channels { member[Int(channel)] = true }
    }

    @inline(__always)
    func contains(_ channel: UInt16) -> Bool { Int(channel) < member.count && member[Int(channel)] }
}

/// How many messages each channel has.
struct ChannelCounts {
    private var counts: [UInt64] = []

    @inline(__always)
    mutating func add(_ channel: UInt16, _ count: UInt64 = 1) {
        if Int(channel) >= counts.count { counts.append(contentsOf: repeatElement(0, count: Int(channel) - counts.count + 1)) }
        counts[Int(channel)] &+= count
    }

    subscript(channel: UInt16) -> UInt64 { Int(channel) < counts.count ? counts[Int(channel)] : 0 }

    var byChannel: [UInt16: UInt64] {
        var result: [UInt16: UInt64] = [:]
        for (channel, count) in counts.enumerated() where count > 0 { result[UInt16(channel)] = count }
        return result
    }
}

/// What a scan counts: messages of each channel, and the first and last log time.
struct Tally {
    private(set) var counts = ChannelCounts()
    private(set) var total: UInt64 = 0
    private(set) var first = UInt64.max
    private(set) var last = UInt64.min

    @inline(__always)
    mutating func add(_ head: MessageHead) {
        counts.add(head.channelID)
        total &+= 1
        first = min(first, head.logTime)
        last = max(last, head.logTime)
    }

    var timeRange: (first: UInt64, last: UInt64)? { total == 0 ? nil : (first, last) }
}

extension [MessageEntry] {
    /// The entries in an order; most are in it already, and then no second list is made.
    ///
    /// - Parameter precedes: whether the first of two entries must stand before the second.
    package func ordered(by precedes: (MessageEntry, MessageEntry) -> Bool) -> [MessageEntry] {
        let isOrdered = indices.dropFirst().allSatisfy { !precedes(self[$0], self[$0 - 1]) }
        return isOrdered ? self : sorted(by: precedes)
    }
}
