/// What became of a recording that was recovered.
public struct RecoveryReport: Hashable, Sendable {
    /// Something that was not carried over, or that may be wrong.
    public struct Loss: Hashable, Sendable {
        /// A sentence: what, where, and what was done about it.
        public var message: String
        /// Where it stands in the damaged file, in bytes from the start.
        public var offset: Int
        /// How many of the file's bytes were given up; 0 where everything was kept but may be wrong.
        public var bytes: Int
        /// How many messages were lost with them; `nil` where nothing says.
        public var messages: UInt64?
        /// The log time of the first message lost, in nanoseconds; `nil` where nothing says.
        public var firstTime: UInt64?
        /// The log time of the last message lost.
        public var lastTime: UInt64?
    }

    /// The sizes of both files.
    public internal(set) var inputBytes: Int
    /// The size of the file that was written.
    public internal(set) var outputBytes = 0
    /// Messages, chunks, attachments and metadata records of the file that was written.
    public internal(set) var messages: UInt64 = 0
    /// Chunks carried over byte for byte.
    public internal(set) var copiedChunks = 0
    /// Chunks whose messages were written anew.
    public internal(set) var rewrittenChunks = 0
    /// Attachments carried over.
    public internal(set) var attachments = 0
    /// Metadata records carried over.
    public internal(set) var metadata = 0
    /// The first log time, in nanoseconds; `nil` where there is no message.
    public internal(set) var firstTime: UInt64?
    /// The last log time.
    public internal(set) var lastTime: UInt64?
    /// What was lost, in the order of the file; the first thousand, and then one that says so.
    public internal(set) var losses: [Loss] = []
    /// What was put right without any loss: an index made anew, a summary written.
    public internal(set) var repairs: [String] = []
    /// The bytes given up in all.
    public internal(set) var lostBytes = 0
    /// The messages lost in all, as far as anything says.
    public internal(set) var lostMessages: UInt64 = 0

    /// Whether everything in the file was carried over, and nothing in it was found to be wrong.
    public var isComplete: Bool { losses.isEmpty }

    /// So many lines a person can read; a file full of holes may have one for every chunk.
    private static let limit = 1000

    init(inputBytes: Int) { self.inputBytes = inputBytes }

    mutating func add(_ loss: Loss) {
        lostBytes += loss.bytes
        lostMessages += loss.messages ?? 0
        if losses.count < Self.limit {
            losses.append(loss)
        } else if losses.count == Self.limit {
            losses.append(Loss(message: "More was lost than the \(Self.limit) places listed here.", offset: loss.offset, bytes: 0))
        }
    }

    mutating func repaired(_ sentence: String) {
        guard !repairs.contains(sentence), repairs.count < Self.limit else { return }
        repairs.append(sentence)
    }
}
