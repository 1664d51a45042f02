import Bytes
import ExportCore
import Files

/// What is told of a record while the rest of a set is still to be read: whose it is, and where it stands.
struct RecordKey {
    /// A check that waits for the category or the image.
    enum Check: Equatable {
        case none
        /// Their number must be that of the category.
        case keypoints(UInt32)
        /// It must be that of the image.
        case maskSize(width: UInt32, height: UInt32)
    }

    var id: Int64
    /// The slot of its image.
    var image: UInt32
    /// The slot of its category.
    var category: UInt32
    /// Where it stands among the annotations' records.
    var offset: UInt64
    var check: Check
}

/// Writes the keys of all records in the order of the set's file.
///
/// They lie in a file of their own until the table is done: in memory ten million would take a quarter of a gigabyte.
struct RecordKeyWriter: ~Copyable {
    private let path: String
    private var buffer: RecordBuffer
    private var count = 0
    private var isAscending = true
    private var lastID = Int64.min

    init(_ path: String) throws(FileError) {
        self.path = path
        buffer = try RecordBuffer(path)
    }

    mutating func add(_ key: RecordKey) throws {
        isAscending = isAscending && (count == 0 || key.id > lastID)
        lastID = key.id
        count += 1
        buffer.put(key.id)
        buffer.put(key.offset)
        buffer.put(key.image)
        buffer.put(key.category)
        let (kind, first, second): (UInt8, UInt32, UInt32) =
            switch key.check {
            case .none: (0, 0, 0)
            case .keypoints(let count): (1, count, 0)
            case .maskSize(let width, let height): (2, width, height)
            }
        buffer.put(kind)
        buffer.put(first)
        buffer.put(second)
        try buffer.flushIfLarge()
    }

    /// Ends the list.
    mutating func finish() throws -> RecordKeys {
        try buffer.flush()
        return RecordKeys(path: path, count: count, isAscending: isAscending)
    }
}

/// The keys of all records, to be read in the order of the set's file.
struct RecordKeys {
    private static let bytes = 33

    let path: String
    let count: Int
    /// Whether each id is larger than the one before it, so that none is there twice.
    let isAscending: Bool

    /// Removes the file.
    func remove() throws(FileError) {
        try FileSystem.removeFile(path)
    }

    /// Calls `body` with each record's position and key.
    func forEach(_ cancellation: Cancellation, _ body: (Int, RecordKey) throws -> Void) throws {
        guard count > 0 else { return }
        let file = try MappedFile(path: path)
        var pages = ReleasedPages(file)
        try file.withBytes { bytes in
            for record in 0..<count {
                if record % 16_384 == 0 {
                    try cancellation.check()
                    pages.release(to: record * Self.bytes)
                }
                var cursor = Cursor(UnsafeRawBufferPointer(rebasing: bytes[(record * Self.bytes)...]))
                try body(record, Self.key(&cursor))
            }
        }
    }

    private static func key(_ cursor: inout Cursor) throws(MalformedBytes) -> RecordKey {
        let id = try cursor.read(Int64.self)
        let offset = try cursor.read(UInt64.self)
        let image = try cursor.read(UInt32.self)
        let category = try cursor.read(UInt32.self)
        let kind = try cursor.read(UInt8.self)
        let (first, second) = (try cursor.read(UInt32.self), try cursor.read(UInt32.self))
        let check: RecordKey.Check =
            switch kind {
            case 1: .keypoints(first)
            case 2: .maskSize(width: first, height: second)
            default: .none
            }
        return RecordKey(id: id, image: image, category: category, offset: offset, check: check)
    }

    /// The ids that more than one record has, in order.
    func repeatedIDs(_ cancellation: Cancellation) throws -> [Int64] {
        if isAscending { return [] }
        var ids: [Int64] = []
        ids.reserveCapacity(count)
        try forEach(cancellation) { _, key in ids.append(key.id) }
        ids.sort()
        try cancellation.check()
        // In place: there may be as many as half of all.
        var kept = 0
        for index in ids.indices.dropFirst() where ids[index] == ids[index - 1] && (kept == 0 || ids[kept - 1] != ids[index]) {
            ids[kept] = ids[index]
            kept += 1
        }
        return Array(ids[..<kept])
    }
}
