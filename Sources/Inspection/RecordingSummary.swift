import Recordings

/// What is known of one recording; as JSON, whatever ends in `_ns` is a string of digits and sizes are numbers of bytes.
struct RecordingSummary: Encodable {
    /// How the file's chunks are stored.
    struct Chunks: Encodable {
        /// All chunks of one compression.
        struct Compression: Encodable {
            /// Its name; empty = not compressed.
            var name: String
            var chunks: UInt64 = 0
            var bytes: UInt64 = 0
            var uncompressedBytes: UInt64 = 0
        }

        var count: Int
        /// The size of the largest once decompressed.
        var largestBytes: UInt64
        /// How many are cut, damaged or in an unknown compression, as far as was looked at.
        var unreadable: Int
        /// How many chunks hold messages around one moment, at most; 1 = chunks don't overlap in time.
        var overlapping: Int
        var compression: [Compression]
    }

    /// One topic, over all its channels.
    struct Topic: Encodable {
        var name: String
        /// The message type; empty without a schema, several with commas where channels differ.
        var type: String
        var schemaEncoding: String
        var messageEncoding: String
        /// Their numbers; `nil` where the recording has several files, in each of which a number stands for something else.
        var channels: [UInt16]?
        var messages: UInt64
        /// Messages a second between the first and the last; `nil` where there are no two times.
        var rateHz: Double?
        var startNs: String?
        var endNs: String?
        /// The longest time between two messages that follow one another.
        var largestGapNs: String?
        /// When that begins.
        var largestGapStartNs: String?
        /// The size of all data; known only after every message was read.
        var bytes: UInt64?
    }

    struct Attachment: Encodable {
        var name: String
        var mediaType: String
        var bytes: Int
        var logTimeNs: String
        var createTimeNs: String
    }

    struct Metadata: Encodable {
        var name: String
        /// `nil` where the record is damaged.
        var values: [String: String]?
    }

    struct Problem: Encodable {
        var kind: String
        var message: String
        var offset: Int?
    }

    /// One file of a recording that isn't a single MCAP file.
    struct Volume: Encodable {
        var file: String
        var format: RecordingFormat
        var bytes: Int
        var messages: UInt64
        var startNs: String?
        var endNs: String?
    }

    var file: String
    /// What it is; of several files, what the first one is.
    var format: RecordingFormat
    var bytes: Int
    var profile: String
    /// The program that wrote it; `nil` where its format doesn't say.
    var library: String?
    /// The files; `nil` where the recording is a single MCAP file.
    var volumes: [Volume]?
    var messages: UInt64
    var startNs: String?
    var endNs: String?
    /// The same as RFC 3339.
    var startTime: String?
    var endTime: String?
    var durationNs: String?
    /// Whether the file is closed and its summary says all about it, so that nothing had to be searched for;
    /// `nil` of other formats than MCAP.
    var isIndexed: Bool?
    /// `nil` of other formats than MCAP.
    var chunks: Chunks?
    var topics: [Topic] = []
    var attachments: [Attachment] = []
    var metadata: [Metadata] = []
    /// Whether every message, index and checksum was looked at.
    var isVerified = false
    var problems: [Problem] = []

    /// What is known of every recording.
    init(_ file: String, _ format: RecordingFormat, bytes: Int, profile: String, _ tallies: TopicTallies) {
        self.file = file
        self.format = format
        self.bytes = bytes
        self.profile = profile
        messages = tallies.total.count
        guard messages > 0 else { return }
        let (first, last) = (tallies.total.first, tallies.total.last)
        startNs = String(first)
        endNs = String(last)
        startTime = Quantities.instant(first)
        endTime = Quantities.instant(last)
        durationNs = String(last - first)
    }
}
