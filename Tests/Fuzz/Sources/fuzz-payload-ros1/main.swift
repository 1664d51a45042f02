import FuzzMessages

/// The first byte chooses one of the fixtures' schemas; the rest is a ROS 1 message of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    MessageCases.ros1.read(data, count)
    return 0
}
