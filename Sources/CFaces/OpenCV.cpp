#include "Boundary.hpp"
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <opencv2/objdetect/face.hpp>
#include <stdexcept>
#include <string>

struct exportd_cascade {
    cv::CascadeClassifier classifier;
    cv::Size window;
    cv::Mat resized, mirror;
};

exportd_cascade *exportd_cascade_open(const char *path, exportd_message message) {
    return exportd::guarded<exportd_cascade *>(message, nullptr, [&] {
        exportd::settle();
        auto made = std::make_unique<exportd_cascade>();
        if (!made->classifier.load(path) || made->classifier.empty()) throw std::runtime_error("the file holds no cascade");
        made->window = made->classifier.getOriginalWindowSize();
        return made.release();
    });
}

void exportd_cascade_close(exportd_cascade *detector) { delete detector; }

int32_t exportd_cascade_detect(
    exportd_cascade *cascade, exportd_gray picture, double smallest, double step, int32_t neighbours, int32_t mirrored,
    exportd_face *faces, int32_t capacity, exportd_message message) {
    return exportd::guarded<int32_t>(message, -1, [&] {
        // The picture is brought to the scale at which the smallest face fills the window.
        const double scale = cascade->window.width / smallest;
        const int width = static_cast<int>(picture.width * scale + 0.5);
        const int height = static_cast<int>(picture.height * scale + 0.5);
        if (width <= cascade->window.width || height <= cascade->window.height) return 0;
        cv::resize(exportd::view(picture), cascade->resized, cv::Size(width, height), 0, 0, scale > 1 ? cv::INTER_LINEAR : cv::INTER_AREA);
        if (mirrored) cv::flip(cascade->resized, cascade->mirror, 1);
        std::vector<cv::Rect> found;
        std::vector<int> votes;
        cascade->classifier.detectMultiScale(mirrored ? cascade->mirror : cascade->resized, found, votes, step, neighbours);
        int32_t count = 0;
        for (size_t i = 0; i < found.size(); i++) {
            const auto &box = found[i];
            const int x = mirrored ? width - box.x - box.width : box.x;
            exportd::put(
                {float(x / scale), float(box.y / scale), float(box.width / scale), float(box.height / scale), float(votes[i]), 0}, faces,
                capacity, count);
        }
        return count;
    });
}

struct exportd_yunet {
    cv::Ptr<cv::FaceDetectorYN> detector;
};

exportd_yunet *exportd_yunet_open(const char *path, double threshold, exportd_message message) {
    return exportd::guarded<exportd_yunet *>(message, nullptr, [&] {
        exportd::settle();
        auto made = std::make_unique<exportd_yunet>();
        made->detector = cv::FaceDetectorYN::create(path, "", cv::Size(320, 320), static_cast<float>(threshold), 0.3f, 5000);
        if (made->detector.empty()) throw std::runtime_error("the file holds no model");
        // That a network has other outputs than this version of OpenCV asks for only shows once it runs.
        cv::Mat found;
        made->detector->detect(cv::Mat::zeros(320, 320, CV_8UC3), found);
        return made.release();
    });
}

void exportd_yunet_close(exportd_yunet *detector) { delete detector; }

int32_t exportd_yunet_detect(
    exportd_yunet *yunet, exportd_gray picture, exportd_face *faces, int32_t capacity, exportd_message message) {
    return exportd::guarded<int32_t>(message, -1, [&] {
        yunet->detector->setInputSize(cv::Size(picture.width, picture.height));
        cv::Mat found;
        yunet->detector->detect(exportd::view(picture, CV_8UC3), found);
        int32_t count = 0;
        for (int row = 0; row < found.rows; row++) {
            const float *values = found.ptr<float>(row);
            exportd::put({values[0], values[1], values[2], values[3], values[14], 0}, faces, capacity, count);
        }
        return count;
    });
}

int32_t exportd_gray_resize(exportd_gray picture, uint8_t *target, int32_t width, int32_t height, exportd_message message) {
    return exportd::guarded<int32_t>(message, -1, [&] {
        exportd::settle();
        cv::Mat made(height, width, CV_8UC1, target);
        cv::resize(exportd::view(picture), made, made.size(), 0, 0, width < picture.width ? cv::INTER_AREA : cv::INTER_LINEAR);
        return 0;
    });
}

// Where between three neighbours the peak of a parabola through them lies, from the middle one, of which none is larger.
static float peak(float before, float middle, float after) {
    const float bend = before - 2 * middle + after;
    const float offset = bend < 0 ? (before - after) / (2 * bend) : 0;
    return std::isfinite(offset) ? std::clamp(offset, -0.5f, 0.5f) : 0;
}

int32_t exportd_gray_match(exportd_gray area, exportd_gray patch, exportd_match *match, exportd_message message) {
    return exportd::guarded<int32_t>(message, -1, [&] {
        exportd::settle();
        cv::Mat likeness;
        cv::matchTemplate(exportd::view(area), exportd::view(patch), likeness, cv::TM_CCOEFF_NORMED);
        double best = 0;
        cv::Point place;
        cv::minMaxLoc(likeness, nullptr, &best, nullptr, &place);
        float x = place.x, y = place.y;
        const float middle = likeness.at<float>(place);
        if (place.x > 0 && place.x + 1 < likeness.cols)
            x += peak(likeness.at<float>(place.y, place.x - 1), middle, likeness.at<float>(place.y, place.x + 1));
        if (place.y > 0 && place.y + 1 < likeness.rows)
            y += peak(likeness.at<float>(place.y - 1, place.x), middle, likeness.at<float>(place.y + 1, place.x));
        *match = {x, y, static_cast<float>(best)};
        return 0;
    });
}

const char *exportd_opencv_version(void) { return CV_VERSION; }
