#pragma once
#include <stddef.h>
#include <stdint.h>

// Face detectors of dlib and OpenCV behind plain C. No C++ exception crosses this boundary: what can fail returns a negative number or
// NULL and leaves the library's words in `message`, cut to `capacity` bytes and ended by a zero.

#ifdef __cplusplus
extern "C" {
#endif

// Grey values, `height` rows of `width` bytes, `stride` bytes from one to the next.
typedef struct {
    const uint8_t *pixels;
    int32_t width;
    int32_t height;
    ptrdiff_t stride;
} exportd_gray;

// Where a face is, in pixels of the picture that was given, how sure the detector is, in its own measure, and where the face looks if the
// detector tells that: -1 to the left of the picture, 1 to the right, 0 ahead or not known.
typedef struct {
    float x, y, width, height, score, looks;
} exportd_face;

// Where an error's words go.
typedef struct {
    char *text;
    size_t capacity;
} exportd_message;

// dlib's frontal face detector: histograms of gradients in a window of 80 pixels, five filters for turned heads. Its model is part of
// the library. Not to be used by two threads at once.
typedef struct exportd_hog exportd_hog;
exportd_hog *exportd_hog_open(exportd_message message);
void exportd_hog_close(exportd_hog *detector);
// Looks for faces of `smallest` pixels and more; `threshold` is added to what the detector itself asks for, so below 0 finds more.
// Returns how many faces were found and writes those that fit.
int32_t exportd_hog_detect(
    exportd_hog *detector, exportd_gray picture, double smallest, double threshold, exportd_face *faces, int32_t capacity,
    exportd_message message);

// A cascade of OpenCV, read from a file. Not to be used by two threads at once.
typedef struct exportd_cascade exportd_cascade;
exportd_cascade *exportd_cascade_open(const char *path, exportd_message message);
void exportd_cascade_close(exportd_cascade *detector);
// Looks for faces of `smallest` pixels and more in sizes that grow by `step`; `neighbours` is how many windows must agree. With `mirrored`
// the picture is looked at in the mirror.
int32_t exportd_cascade_detect(
    exportd_cascade *detector, exportd_gray picture, double smallest, double step, int32_t neighbours, int32_t mirrored,
    exportd_face *faces, int32_t capacity, exportd_message message);

// OpenCV's FaceDetectorYN with a model of the YuNet family in ONNX, read from a file. Not to be used by two threads at once.
typedef struct exportd_yunet exportd_yunet;
exportd_yunet *exportd_yunet_open(const char *path, double threshold, exportd_message message);
void exportd_yunet_close(exportd_yunet *detector);
// Takes blue, green and red, `height` rows of `width` × 3 bytes.
int32_t exportd_yunet_detect(
    exportd_yunet *detector, exportd_gray picture, exportd_face *faces, int32_t capacity, exportd_message message);

// Makes a picture smaller or larger; `target` has room for `width` × `height` bytes. Returns 0, or -1 on failure.
int32_t exportd_gray_resize(exportd_gray picture, uint8_t *target, int32_t width, int32_t height, exportd_message message);

// Finds the place in `area` that is most like `patch` by normalised cross-correlation, -1 to 1, to parts of a pixel. Returns 0, or -1 on
// failure.
typedef struct {
    float x, y, likeness;
} exportd_match;
int32_t exportd_gray_match(exportd_gray area, exportd_gray patch, exportd_match *match, exportd_message message);

// The versions of the libraries, such as "19.24.0" and "4.6.0".
const char *exportd_dlib_version(void);
const char *exportd_opencv_version(void);

#ifdef __cplusplus
}
#endif
