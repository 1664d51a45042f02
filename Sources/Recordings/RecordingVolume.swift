public import ExportCore
public import MCAP
internal import ROSBag
internal import Rosbag2

/// One file of a recording, whatever its format.
///
/// MCAP's words serve all formats: a connection of a ROS 1 bag and a topic of a rosbag2 database are channels, their message
/// definitions schemas. A schema with an empty encoding names a type whose definition the file doesn't hold.
///
/// Used from one thread at a time. All times are nanoseconds as the recorder counted them.
public protocol RecordingVolume: AnyObject {
    /// The file, as the caller named it.
    var path: String { get }
    /// What the file is.
    var format: RecordingFormat { get }
    /// The conventions that the recorder followed: `ros1`, `ros2`, or what else an MCAP file's header says.
    var profile: String { get }
    /// The schemas by id.
    var schemas: [UInt16: Schema] { get }
    /// The channels by id.
    var channels: [UInt16: Channel] { get }
    /// How many messages each channel has; a channel without messages may be missing.
    var messageCounts: [UInt16: UInt64] { get }
    /// The first and the last log time; `nil` where there are no messages.
    var timeRange: (first: UInt64, last: UInt64)? { get }
    /// What is wrong with the file as far as it was read; grows while messages are read.
    var warnings: [Warning] { get }

    /// Lists all messages of some channels by log time; equal times keep the order of the file.
    ///
    /// Takes 24 bytes of memory a message.
    ///
    /// - Throws: `CancellationError`, or the format's own error where the file can't be read.
    func index(ofChannels wanted: Set<UInt16>) throws -> [MessageEntry]

    /// Lists the same messages: those of each channel in the order of the file, and those of different channels in any.
    ///
    /// - Throws: as `index(ofChannels:)`.
    func indexByChannel(_ wanted: Set<UInt16>) throws -> [MessageEntry]

    /// Lists the same messages in the order in which they lie in the file.
    ///
    /// - Parameters:
    ///   - startingOver: called where the file's own indexes turn out to be wrong; all that `body` got counts for nothing then.
    ///   - body: takes one message's entry.
    /// - Throws: as `index(ofChannels:)`; what `body` throws.
    func forEachEntryInFileOrder(
        ofChannels wanted: Set<UInt16>,
        startingOver: () -> Void,
        _ body: (MessageEntry) throws -> Void
    ) throws

    /// The same entries in the order in which their messages lie in the file.
    func inFileOrder(_ entries: [MessageEntry]) -> [MessageEntry]

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - location: where an entry of this volume's index placed it.
    ///   - body: takes the message's head and its data as stored, which is valid during the call only.
    /// - Throws: the format's own error where the message can't be read; what `body` throws.
    func withMessage<R>(at location: MessageLocation, _ body: (MessageHead, RawSpan) throws -> R) throws -> R

    /// Reads messages by log time; of those at the same time, those first that come first in the file.
    ///
    /// - Parameters:
    ///   - wanted: the channels; `nil` for all messages.
    ///   - start: the first log time; `nil` to read from the first message.
    ///   - end: the log time before which reading ends; `nil` to read to the last message.
    ///   - body: takes each message's place, head and data, which is valid during the call only.
    /// - Throws: `CancellationError`; the format's own error where a message can't be read; what `body` throws.
    func forEachInLogOrder(
        ofChannels wanted: Set<UInt16>?,
        from start: UInt64?,
        to end: UInt64?,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws
}

extension RecordingVolume {
    /// All of them in the order of the file.
    public func indexByChannel(_ wanted: Set<UInt16>) throws -> [MessageEntry] {
        inFileOrder(try index(ofChannels: wanted))
    }

    /// Lists all of them and puts them in order.
    public func forEachEntryInFileOrder(
        ofChannels wanted: Set<UInt16>,
        startingOver: () -> Void,
        _ body: (MessageEntry) throws -> Void
    ) throws {
        try inFileOrder(try index(ofChannels: wanted)).forEach(body)
    }

    /// Reads the messages by way of their index.
    public func forEachInLogOrder(
        ofChannels wanted: Set<UInt16>?,
        from start: UInt64?,
        to end: UInt64?,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        for entry in try index(ofChannels: wanted ?? Set(channels.keys)) where entry.logTime >= start ?? 0 {
            if let end, entry.logTime >= end { break }
            try withMessage(at: entry.location) { head, data in try body(entry.location, head, data) }
        }
    }
}

/// An error of a format's reader, which knows its own words.
protocol VolumeError: Error {}

extension MCAPError: VolumeError {}
extension BagError: VolumeError {}
extension Rosbag2Error: VolumeError {}

extension MCAPFile: RecordingVolume {
    /// MCAP.
    public var format: RecordingFormat { .mcap }

    /// The conventions that the header names.
    public var profile: String { header.profile }

    /// The problems with stable words for scripts.
    public var warnings: [Warning] { problems.map { Warning($0.kind.code, $0.message) } }
}

extension MCAPProblem.Kind {
    /// The stable word for scripts.
    fileprivate var code: String {
        switch self {
        case .truncated: "recording_truncated"
        case .crcMismatch: "recording_crc_mismatch"
        case .conflictingSchema: "recording_conflicting_schema"
        case .conflictingChannel: "recording_conflicting_channel"
        case .unknownCompression: "recording_unknown_compression"
        case .damagedChunk: "recording_damaged_chunk"
        case .damagedRecord: "recording_damaged_record"
        case .damagedSummary: "recording_damaged_summary"
        case .wrongIndex: "recording_wrong_index"
        case .wrongTimes: "recording_wrong_times"
        case .wrongSummary: "recording_wrong_summary"
        case .more: "recording_more_problems"
        }
    }
}
