internal import Glibc

/// A lock that one can wait on for a change of what it guards: a pthread mutex and a condition variable.
final class ConditionLock {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func lock() {
        pthread_mutex_lock(mutex)
    }

    func unlock() {
        pthread_mutex_unlock(mutex)
    }

    /// Releases the lock, waits for `broadcast` (or for nothing, as pthreads may), and takes the lock again.
    func wait() {
        pthread_cond_wait(condition, mutex)
    }

    /// Wakes all who wait.
    func broadcast() {
        pthread_cond_broadcast(condition)
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
        lock()
        defer { unlock() }
        return body()
    }
}

/// A thread of its own for work that blocks or computes for long, which must not hold a thread of Swift's concurrency.
final class WorkerThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    private var thread = pthread_t()

    /// Starts a thread; nil where the system refuses one.
    init?(_ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(body))
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                // The argument is the reference that was passed below, so it is never absent.
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            start.release()
            return nil
        }
    }

    /// Waits for the thread's end; to be called once, since only that gives its memory back.
    func join() {
        pthread_join(thread, nil)
    }
}
