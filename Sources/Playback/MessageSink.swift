import MCAP

/// What the messages of a recording are handed to, under the ids of the file that is written.
protocol MessageSink: AnyObject {
    /// Takes a message; its data is valid during the call only.
    func write(_ head: MessageHead, _ data: RawSpan) throws
    /// Takes all messages of a chunk at once.
    func copy(_ chunk: StoredChunk, of file: MCAPFile) throws
}
