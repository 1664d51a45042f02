#pragma once
// statfs(2) is not part of the toolchain's Glibc module.
#include <sys/vfs.h>

// copy_file_range(2) is declared for _GNU_SOURCE only, which the Glibc module is built without.
#include <sys/types.h>
static inline ssize_t copy_between_files(int from, off_t *offset, int to, size_t count) {
    extern ssize_t copy_file_range(int, off_t *, int, off_t *, size_t, unsigned int);
    return copy_file_range(from, offset, to, 0, count, 0);
}

// syncfs(2), for the same reason.
static inline int flush_file_system(int descriptor) {
    extern int syncfs(int);
    return syncfs(descriptor);
}

// fallocate(2), for the same reason; FALLOC_FL_KEEP_SIZE is 1.
static inline int reserve_blocks(int descriptor, off_t offset, off_t count) {
    extern int fallocate(int, int, off_t, off_t);
    return fallocate(descriptor, 1, offset, count);
}

// mallopt(3) is not part of it either.
#include <malloc.h>

// A hint to the processor, for which Swift has no word.
static inline void fetch_ahead(const void *address) { __builtin_prefetch(address); }
