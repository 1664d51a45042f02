#include "Boundary.hpp"
#include <memory>
#include <dlib/array2d.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <dlib/revision.h>
#include <opencv2/imgproc.hpp>

// dlib's detector has a window of 80 pixels and makes the picture smaller by 5/6 from one size to the next.
static const double windowSide = 80;

// The second and the third of its five filters are for heads turned to one side.
static float looks(unsigned long filter) { return filter == 1 ? -1 : filter == 2 ? 1 : 0; }

struct exportd_hog {
    dlib::frontal_face_detector detector;
    dlib::array2d<unsigned char> picture;
    cv::Mat resized;
};

exportd_hog *exportd_hog_open(exportd_message message) {
    return exportd::guarded<exportd_hog *>(message, nullptr, [] {
        exportd::settle();
        auto made = std::make_unique<exportd_hog>();
        // Unpacking the model takes a third of a second; copies share nothing that changes.
        static const dlib::frontal_face_detector model = dlib::get_frontal_face_detector();
        made->detector = model;
        return made.release();
    });
}

void exportd_hog_close(exportd_hog *detector) { delete detector; }

int32_t exportd_hog_detect(
    exportd_hog *hog, exportd_gray picture, double smallest, double threshold, exportd_face *faces, int32_t capacity,
    exportd_message message) {
    return exportd::guarded<int32_t>(message, -1, [&] {
        // The picture is brought to the scale at which the smallest face fills the window.
        const double scale = windowSide / smallest;
        const int width = static_cast<int>(picture.width * scale + 0.5);
        const int height = static_cast<int>(picture.height * scale + 0.5);
        if (width < windowSide || height < windowSide) return 0;
        cv::resize(exportd::view(picture), hog->resized, cv::Size(width, height), 0, 0, scale > 1 ? cv::INTER_LINEAR : cv::INTER_AREA);
        hog->picture.set_size(height, width);
        for (int y = 0; y < height; y++) std::memcpy(&hog->picture[y][0], hog->resized.ptr(y), static_cast<size_t>(width));
        std::vector<dlib::rect_detection> found;
        hog->detector(hog->picture, found, threshold);
        int32_t count = 0;
        for (const auto &one : found) {
            const auto &box = one.rect;
            exportd::put(
                {float(box.left() / scale), float(box.top() / scale), float(box.width() / scale), float(box.height() / scale),
                 float(one.detection_confidence), looks(one.weight_index)},
                faces, capacity, count);
        }
        return count;
    });
}

#define EXPORTD_TEXT_OF(x) #x
#define EXPORTD_TEXT(x) EXPORTD_TEXT_OF(x)

const char *exportd_dlib_version(void) {
    return EXPORTD_TEXT(DLIB_MAJOR_VERSION) "." EXPORTD_TEXT(DLIB_MINOR_VERSION) "." EXPORTD_TEXT(DLIB_PATCH_VERSION);
}
