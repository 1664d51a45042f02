import FuzzMessages

/// The input is a message type's name and its jsonschema schema.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    DefinitionInput.read(data, count, as: .jsonschema)
    return 0
}
