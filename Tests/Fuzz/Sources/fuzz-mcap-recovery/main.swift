import FuzzInput
import Glibc
import MCAP

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Input {
    static let file = InputFile()
    static let output = "/dev/shm/fuzz-recovered-\(getpid()).mcap"
}

/// The input is a damaged file: recovered, and what is recovered has to be sound.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Input.file.fill(UnsafeRawBufferPointer(start: data, count: count))
    defer { unlink(Input.output) }
    do {
        _ = try MCAPRecovery.recover(from: Input.file.path, to: Input.output)
    } catch let error as MCAPError {
        // Recovery reads back what it wrote, and must never have to throw it away.
        precondition(error.path == Input.file.path, "\(error)")
    } catch {
        // A file error names what is wrong.
    }
    return 0
}
