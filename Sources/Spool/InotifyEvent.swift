import Glibc

/// One event of inotify(7).
struct InotifyEvent: Hashable {
    var watch: Int32
    var mask: UInt32
    /// The entry concerned; empty for an event of the watched folder itself.
    var name: EntryName

    func has(_ flag: Int) -> Bool {
        mask & UInt32(truncatingIfNeeded: flag) != 0
    }

    /// Whether the kernel dropped events because they were not read in time.
    var isOverflow: Bool { has(Int(IN_Q_OVERFLOW)) }

    /// The events in what read(2) returned.
    static func parse(_ bytes: [UInt8]) -> [InotifyEvent] {
        let head = MemoryLayout<inotify_event>.size
        var events: [InotifyEvent] = []
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while buffer.count - offset >= head {
                let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                offset += head
                guard let length = Int(exactly: event.len), length <= buffer.count - offset else { return }
                let name = buffer[offset..<offset + length].prefix { $0 != 0 }
                events.append(InotifyEvent(watch: event.wd, mask: event.mask, name: EntryName(bytes: Array(name))))
                offset += length
            }
        }
        return events
    }
}
