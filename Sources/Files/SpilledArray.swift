import Glibc

/// A list of numbers that is written once, from front to back, and then read: in memory while it is short, in a file without a name
/// where it is long, so that what a process holds does not grow with the recording that it reads.
///
/// ```swift
/// let times = SpilledArrayWriter<Int64>(in: folder)
/// for message in messages { try times.append(message.logTime) }
/// let list = try times.finish()
/// ```
///
/// A long list is mapped: its pages are the kernel's, which takes them again when it needs them. All of the file was written before, so
/// there is no hole in it for which a full disk would have no room. `giveBack` lets go of the pages that were read.
///
/// Copies share the elements. Any thread may read.
public struct SpilledArray<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, @unchecked Sendable {
    // Sendable although it holds a pointer: what it points to is not changed any more, and lives as long as the storage.

    private let storage: SpilledStorage
    @usableFromInline let elements: UnsafeBufferPointer<Element>

    fileprivate init(_ storage: SpilledStorage) {
        self.storage = storage
        elements = storage.bytes.bindMemory(to: Element.self)
    }

    /// A short list, in memory.
    public init(_ elements: some Sequence<Element>) {
        self.init(SpilledStorage(copying: Array(elements)))
    }

    /// The first place.
    @inlinable public var startIndex: Int { 0 }

    /// The place behind the last.
    @inlinable public var endIndex: Int { elements.count }

    /// The element at a place, which must be one of the list.
    @inlinable
    public subscript(place: Int) -> Element {
        precondition(place >= 0 && place < elements.count, "A place outside a list was asked for.")
        return elements[place]
    }

    /// How many bytes of the process's own memory the elements take: none where they lie in a file.
    public var heldBytes: Int { storage.isMapped ? 0 : storage.bytes.count }

    /// Lets go of the pages that were read, for somebody who reads a long list from front to back; reading them again only costs time.
    public func giveBack() { storage.giveBack() }

    /// Calls `body` with all elements, which are valid during the call only.
    @inlinable
    public func withContiguousStorageIfAvailable<R>(_ body: (UnsafeBufferPointer<Element>) throws -> R) rethrows -> R? {
        try body(elements)
    }
}

/// Writes a `SpilledArray`.
///
/// Used by one thread at a time.
public final class SpilledArrayWriter<Element: BitwiseCopyable & Sendable> {
    /// The directory of the file, should there be one.
    public let directory: String
    /// What is not in the file yet.
    @usableFromInline var held: [Element] = []
    /// So many are held at most.
    @usableFromInline let limit: Int
    /// How many are in the file.
    private var written = 0
    private var file: UnnamedFile?

    /// A list without elements.
    ///
    /// - Parameters:
    ///   - directory: where the file of a long list is made.
    ///   - heldBytes: a list of no more than so many bytes stays in memory.
    public init(in directory: String, heldBytes: Int = 64 << 10) {
        self.directory = directory
        limit = Swift.max(1, heldBytes / MemoryLayout<Element>.stride)
    }

    /// How many elements there are.
    public var count: Int { written + held.count }

    /// How many bytes the elements take that are in memory.
    public var heldBytes: Int { held.capacity * MemoryLayout<Element>.stride }

    /// Adds an element at the end.
    ///
    /// - Throws: `FileError` where the file cannot be written; its directory's disk may be full.
    @inlinable
    public func append(_ element: Element) throws(FileError) {
        if held.count >= limit { try spill() }
        held.append(element)
    }

    /// Adds elements at the end, which takes less for many than to add each.
    ///
    /// - Throws: as for one.
    @inlinable
    public func append(contentsOf elements: some Collection<Element>) throws(FileError) {
        var rest = elements[...]
        while !rest.isEmpty {
            if held.count >= limit { try spill() }
            let part = rest.prefix(limit - held.count)
            held.append(contentsOf: part)
            rest = rest[part.endIndex...]
        }
    }

    /// Takes elements away from the end.
    ///
    /// - Parameter count: how many are left; no more than there are.
    public func truncate(to count: Int) {
        if count >= written {
            held.removeLast(self.count - count)
        } else {
            held.removeAll(keepingCapacity: true)
            written = count
        }
    }

    /// Ends the list, and the writer is without elements.
    ///
    /// - Throws: `FileError` where the file cannot be written or mapped.
    public func finish() throws(FileError) -> SpilledArray<Element> {
        defer {
            file = nil
            written = 0
            held = []
        }
        guard written > 0 else { return SpilledArray(SpilledStorage(copying: held)) }
        try spill()
        guard let bytes = try file?.map(written * MemoryLayout<Element>.stride) else { return SpilledArray([]) }
        return SpilledArray(SpilledStorage(mapped: bytes))
    }

    @usableFromInline
    func spill() throws(FileError) {
        if file == nil { file = try UnnamedFile(in: directory) }
        var failure: FileError?
        held.withUnsafeBytes { bytes in
            do throws(FileError) { try file?.write(bytes, at: written * MemoryLayout<Element>.stride) } catch { failure = error }
        }
        if let failure { throw failure }
        written += held.count
        held.removeAll(keepingCapacity: true)
    }
}

/// The bytes of a list, which go with this object.
private final class SpilledStorage {
    let bytes: UnsafeRawBufferPointer
    let isMapped: Bool

    init<Element: BitwiseCopyable>(copying elements: [Element]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(
            byteCount: elements.count * MemoryLayout<Element>.stride,
            alignment: MemoryLayout<Element>.alignment
        )
        elements.withUnsafeBytes { copy.copyMemory(from: $0) }
        bytes = UnsafeRawBufferPointer(copy)
        isMapped = false
    }

    init(mapped bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        isMapped = true
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    func giveBack() {
        guard isMapped else { return }
        // Advice only: what a kernel that doesn't take it keeps is the same bytes.
        _ = madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, MADV_DONTNEED)
    }
}
