#pragma once
#include <stdarg.h>
#include <string.h>
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

// Where a picture that others refer to is missing, decoders of H.264 and H.265 take another one or plain grey for it, and say
// so in their log and nowhere else. This counts what they say in the struct that a decoder's `opaque` points to.
typedef struct {
    // Pictures that were referred to and not there.
    int references;
    // Numbers that were passed over between two pictures of H.264.
    int gaps;
} exportd_missing;
static inline void exportd_count_missing(void *object, int level, const char *format, va_list arguments) {
    static const char gap[] = "Frame num gap";
    static const char *const phrases[] = {"Could not find ref with POC", "Missing reference picture"};
    (void)level;
    (void)arguments;
    if (!object || *(const AVClass *const *)object != avcodec_get_class()) return;
    exportd_missing *missing = (exportd_missing *)((AVCodecContext *)object)->opaque;
    if (!missing) return;
    if (!strncmp(format, gap, sizeof gap - 1)) missing->gaps++;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (!strncmp(format, phrases[i], strlen(phrases[i]))) missing->references++;
}
static inline void exportd_listen_to_decoders(void) { av_log_set_callback(exportd_count_missing); }
