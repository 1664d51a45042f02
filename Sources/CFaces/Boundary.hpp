#pragma once
#include "CFaces.h"
#include <algorithm>
#include <cstring>
#include <exception>
#include <opencv2/core.hpp>

namespace exportd {

inline void say(exportd_message message, const char *words) {
    if (!message.text || message.capacity == 0) return;
    std::strncpy(message.text, words, message.capacity - 1);
    message.text[message.capacity - 1] = 0;
}

// Runs `body`; whatever it throws becomes `failure` and words.
template <typename Result, typename Body>
Result guarded(exportd_message message, Result failure, Body body) noexcept {
    try {
        return body();
    } catch (const std::exception &error) {
        say(message, error.what());
    } catch (...) {
        say(message, "an error without words");
    }
    return failure;
}

// A view of the caller's pixels; OpenCV only reads them.
inline cv::Mat view(const exportd_gray &picture, int type = CV_8UC1) {
    return cv::Mat(picture.height, picture.width, type, const_cast<uint8_t *>(picture.pixels), static_cast<size_t>(picture.stride));
}

inline void put(const exportd_face &face, exportd_face *faces, int32_t capacity, int32_t &count) {
    if (count < capacity) faces[count] = face;
    count++;
}

// One thread for each look: cameras are looked at side by side.
inline void settle() {
    static const bool done = (cv::setNumThreads(1), true);
    (void)done;
}

}  // namespace exportd
