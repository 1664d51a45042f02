public import MCAP

/// Changes single messages of a recording on their way into what is written; their times, sequence and channel stay.
///
/// Used by one thread at a time.
public protocol MessageTransform: AnyObject {
    /// A volume's own ids of the channels whose messages may change, so that chunks with such messages are not copied whole.
    func channels(ofVolume volume: Int) -> Set<UInt16>
    /// What becomes of a message of one of these channels.
    ///
    /// - Parameter data: as the volume stores it; valid during the call only.
    func change(of head: MessageHead, at location: MessageLocation, ofVolume volume: Int, _ data: RawSpan) throws -> MessageChange
}

/// What becomes of a message.
public enum MessageChange {
    /// It is written as it is.
    case kept
    /// It is written with other data.
    case data([UInt8])
    /// It is not written.
    case dropped
}

extension PlaybackSource.Volume {
    /// Hands a message on, changed where it has to be.
    @inline(__always)
    func pass(
        _ head: MessageHead,
        _ data: RawSpan,
        at location: MessageLocation,
        to body: (MessageHead, RawSpan) throws -> Void
    ) throws {
        guard let transform, changing.contains(head.channelID) else { return try body(head, data) }
        switch try transform.change(of: head, at: location, ofVolume: position, data) {
        case .kept: try body(head, data)
        case .data(let bytes): try body(head, bytes.span.bytes)
        case .dropped: break
        }
    }
}
