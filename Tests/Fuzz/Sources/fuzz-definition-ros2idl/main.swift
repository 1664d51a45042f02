import FuzzMessages

/// The input is a message type's name and its ros2idl schema.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    DefinitionInput.read(data, count, as: .ros2idl)
    return 0
}
