/// The checksums of compressed bytes and of what is made of them, taken while a decompressor works.
///
/// Compressed bytes are summed up before they are decompressed, and what is made right afterwards, while it is in the processor's cache.
public struct PairedChecksums: Sendable {
    /// That of the compressed bytes, which continues one of bytes before them; `nil` where it isn't taken.
    public private(set) var stored: CRC32?
    /// That of what is made of them; `nil` where it isn't taken.
    public private(set) var made: CRC32?

    /// The checksum of what is made, and that of the compressed bytes where there is one that it continues.
    public init(continuing stored: CRC32?) {
        self.stored = stored
        made = CRC32()
    }

    /// Neither.
    init() {}

    /// Whether both are taken.
    var areBoth: Bool { stored != nil && made != nil }

    /// Continues the first over bytes about to be decompressed.
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        stored?.update(bytes)
    }

    /// Continues the second over bytes that were made.
    mutating func make(_ bytes: UnsafeRawBufferPointer) {
        made?.update(bytes)
    }

    /// Continues both over bytes that are made of themselves, for hardly more than one of them costs.
    ///
    /// Checksums are remainders, so what distinguishes two of them changes over the same bytes as it would over zeros.
    mutating func takeUnchanged(_ bytes: UnsafeRawBufferPointer) {
        guard var stored, let before = made?.value else {
            take(bytes)
            return make(bytes)
        }
        let whole = bytes.count & ~(CRC32.stretch - 1)
        let difference = CRC32.afterZeros(before ^ stored.value, stretches: whole / CRC32.stretch)
        stored.update(UnsafeRawBufferPointer(rebasing: bytes[..<whole]))
        made = CRC32(value: stored.value ^ difference)
        self.stored = stored
        let rest = UnsafeRawBufferPointer(rebasing: bytes[whole...])
        take(rest)
        make(rest)
    }

    /// Sums up anew all that was made.
    mutating func remake(_ bytes: UnsafeRawBufferPointer) {
        guard made != nil else { return }
        made = CRC32()
        make(bytes)
    }
}
