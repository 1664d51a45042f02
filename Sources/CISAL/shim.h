#pragma once
#include <isa-l.h>

// Swift does not import C arrays as long as those inside a stream, nor macros that are sums of products.
static const uint32_t isal_level_1_buffer_bytes = ISAL_DEF_LVL1_DEFAULT;
