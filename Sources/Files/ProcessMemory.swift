import CLinux

/// The memory of this process.
public enum ProcessMemory {
    /// Lets threads share few pools of memory.
    ///
    /// The C library keeps eight pools for each core, so that no thread waits for another; of each it returns only what is
    /// free at the end. A program that waits more than it computes would hold several times what it uses. Call it before
    /// there are threads.
    public static func keepFewPools() {
        _ = mallopt(M_ARENA_MAX, 2)
    }
}
