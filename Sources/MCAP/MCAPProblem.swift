/// Something wrong with a recording that did not stop it from being read; nothing is lost or repaired silently.
public struct MCAPProblem: Hashable, Sendable {
    /// The kinds of problem that a reader of recordings may want to tell apart.
    public enum Kind: Hashable, Sendable, CaseIterable {
        /// The file ends before its last record, or without a footer.
        case truncated
        /// A checksum doesn't fit its bytes, which were used all the same.
        case crcMismatch
        /// One schema id stands for different schemas.
        case conflictingSchema
        /// One channel id stands for different channels.
        case conflictingChannel
        /// A chunk is in a compression that isn't known, and was left out.
        case unknownCompression
        /// A chunk, or a part of one, could not be read and was left out.
        case damagedChunk
        /// A record could not be understood and was left out.
        case damagedRecord
        /// The summary at the end of the file could not be used, and the file was scanned instead.
        case damagedSummary
        /// The message indexes don't fit the messages, which were scanned instead.
        case wrongIndex
        /// The summary says something of the data that isn't so.
        case wrongSummary
        /// The messages of a chunk don't lie between the times that it declares.
        case wrongTimes
        /// There are more problems than are listed.
        case more
    }

    /// What sort of problem it is.
    public var kind: Kind
    /// A sentence: what is wrong, where, and what was done about it.
    public var message: String
    /// Where in the file it is, in bytes from the start.
    public var offset: Int?

    init(_ kind: Kind, at offset: Int? = nil, _ message: String) {
        self.kind = kind
        self.offset = offset
        self.message = message
    }
}

extension MCAPProblem: CustomStringConvertible {
    /// The sentence.
    public var description: String { message }
}

/// Problems as they are met, each once, and so many only that a file full of them can't fill memory.
struct ProblemList {
    private(set) var all: [MCAPProblem] = []
    /// What was said, wherever it was: the same conflict may come again with each of a hundred thousand chunks.
    private var known: Set<String> = []

    /// Enough for a person to see what is wrong; a badly damaged file may have one for every chunk.
    static let limit = 1000

    mutating func report(_ problem: MCAPProblem) {
        guard all.count < Self.limit, known.insert(problem.message).inserted else { return }
        all.append(problem)
        if all.count == Self.limit - 1 {
            all.append(MCAPProblem(.more, "There are more problems than the \(Self.limit - 1) listed here."))
        }
    }
}
