#pragma once
// statfs(2) is not part of the toolchain's Glibc module.
#include <sys/vfs.h>
