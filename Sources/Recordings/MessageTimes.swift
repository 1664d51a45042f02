public import Files
public import MCAP

/// When the messages of a topic happened, and where they lie.
///
/// Of many messages both lie in files without names, so that memory does not grow with the recording.
public struct MessageTimes: Sendable {
    /// Nanoseconds since the Unix epoch, ascending; equal times keep the order of the file.
    public let times: SpilledArray<Int64>
    /// Where each message lies, in the order of `times`.
    public let locations: SpilledArray<PayloadLocation>
    /// How many messages are earlier than the one before them in the file.
    public let regressions: Int
}

/// Where a message lies in a recording.
public struct PayloadLocation: Hashable, Sendable, BitwiseCopyable {
    /// The place in its volume.
    public let message: MessageLocation
    /// The volume's position in the recording.
    ///
    /// Last, so that a location takes 16 bytes.
    public let volume: UInt16

    /// A place in one of a recording's volumes.
    public init(message: MessageLocation, volume: UInt16) {
        self.message = message
        self.volume = volume
    }

    /// A number that messages share which are decompressed together, ascending with the file; nil for one that lies in no chunk.
    public var chunk: UInt64? {
        message.isOutsideChunks ? nil : UInt64(volume) << 32 | UInt64(message.chunk)
    }
}

/// A message's bytes, valid during the call that hands them out only.
public struct Payload {
    /// The message as it was serialised, decompressed where the recorder compressed each message for itself.
    let bytes: UnsafeRawBufferPointer
    /// When the recorder received it, in nanoseconds since the Unix epoch.
    public let logTime: Int64
    /// When it was published, in nanoseconds since the Unix epoch.
    public let publishTime: Int64
    /// A number that the publisher or recorder counted; often 0 throughout.
    public let sequence: UInt32
    /// The channel's position in the recording's list.
    let channel: Int

    /// How many bytes there are.
    public var count: Int { bytes.count }

    /// Calls `body` with the message's bytes; the pointer is valid during the call only.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(bytes)
    }
}
