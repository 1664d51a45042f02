internal import CCrypto
public import ExportCore

/// A call of libcrypto that failed.
public struct ChecksumError: Error, Hashable, Sendable {
    /// What was being done, as the end of the sentence "could not …".
    public var operation: String
    /// libcrypto's own words.
    public var reason: String

    /// The failure that libcrypto noted last on this thread.
    static func last(_ operation: String) -> ChecksumError {
        let code = ERR_get_error()
        guard code != 0 else { return ChecksumError(operation: operation, reason: "no reason given") }
        var buffer = [CChar](repeating: 0, count: 256)
        let words = buffer.withUnsafeMutableBufferPointer { pointer in
            ERR_error_string_n(code, pointer.baseAddress, pointer.count)
            return pointer.baseAddress.map { String(cString: $0) } ?? ""
        }
        return ChecksumError(operation: operation, reason: words)
    }
}

extension ChecksumError: CustomStringConvertible {
    /// A sentence: what could not be done, and libcrypto's reason.
    public var description: String { "Could not \(operation): libcrypto says \(reason)." }
}

extension ChecksumError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        ExportError(.internal, description, hint: "Check the installation of libssl with `exportctl doctor`.")
    }
}
