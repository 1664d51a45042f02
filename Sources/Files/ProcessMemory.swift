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

    /// Gives the kernel the pages that the C library keeps for memory to come.
    ///
    /// Between pieces of work that each take and free much, what is kept lies in ever more holes: a process that does many of them grows
    /// without holding more. It takes a millisecond or so.
    public static func giveBackFree() {
        _ = malloc_trim(0)
    }
}
