import FuzzMessages

/// The first byte chooses one of the fixtures' schemas; the rest is a message of it, in any encoding.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let parts = InputParts(data, count, atMost: 1) else { return 0 }
    let readings = MessageCases.readings
    readings[parts.choice % readings.count].read(parts[0])
    return 0
}
