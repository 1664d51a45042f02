#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// FF_QP2LAMBDA is a macro over another macro, which the importer does not see.
static inline int exportd_qp2lambda(void) { return FF_QP2LAMBDA; }

// Macros with arguments or casts, which the importer does not see either.
static inline int exportd_error_again(void) { return AVERROR(EAGAIN); }
static inline int exportd_error_eof(void) { return AVERROR_EOF; }
static inline int64_t exportd_no_timestamp(void) { return AV_NOPTS_VALUE; }
