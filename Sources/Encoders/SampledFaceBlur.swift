import ExportCore
import Faces
import Formats
import Plans
import Samples

/// Face blur in a part whose pictures are sampled.
struct SampledFaceBlur {
    private let blur: FaceBlur?
    private let target: FaceBlurring.Target

    /// - Parameters:
    ///   - blur: nil for none.
    ///   - target: what the encoder wants of pictures that are changed.
    init(_ blur: FaceBlur?, target: FaceBlurring.Target) {
        self.blur = blur
        self.target = target
    }

    /// Looks for faces with all readers of a recording side by side, makes each of them blur what was found, and lists it in
    /// the part's folder.
    ///
    /// - Returns: what was found; nil where faces are not blurred.
    /// - Throws: `UnusableSample` where an episode shows a picture that cannot be decoded; the detectors' failures.
    func prepare(_ lanes: [SampledRecording], dataset: DatasetID, folder: String) throws -> [FaceBlurReport]? {
        guard let blur, let first = lanes.first else { return nil }
        let covers = try CameraSurvey(blur: blur).covers(lanes)
        for lane in lanes { lane.pictureTransform = FaceBlurring(blur, cameras: first.cameras, covers: covers, target: target) }
        let table = try FaceBlurTable(folder: folder)
        var reports: [FaceBlurReport] = []
        for (number, (camera, cover)) in zip(first.cameras, covers).enumerated() {
            try table.append(cover, dataset: dataset, topic: camera.topic) { first.sampleTime(of: number, sample: $0) }
            reports.append(FaceBlurReport(cover, dataset: dataset, topic: camera.topic))
        }
        try table.finish()
        return reports
    }
}

extension FaceBlurReport {
    /// What was found in one camera.
    init(_ cover: FaceCover, dataset: DatasetID, topic: String, leftOut: Int = 0) {
        self.init(
            dataset: dataset,
            topic: topic,
            detector: cover.detector,
            frames: cover.frames,
            looks: cover.looks,
            framesWithFaces: cover.framesWithFaces,
            trackedOnlyFrames: cover.trackedOnlyFrames,
            boxes: cover.entries.count,
            leftOut: leftOut
        )
    }
}
