import Glibc

/// Runs a closure on a thread of its own, which ends with it.
///
/// No signal is delivered to that thread, so that a broken pipe is an error of the write and not the end of the
/// program.
///
/// - Returns: 0, or the number of the reason why there is no thread, in which case the closure does not run.
func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Box(body))
    let result = pthread_create(
        &thread,
        &attributes,
        { pointer in
            var signals = sigset_t()
            sigfillset(&signals)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        },
        context.toOpaque()
    )
    if result != 0 { context.release() }
    return result
}
