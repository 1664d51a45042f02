public import ExportCore

/// What was done to faces in one camera's pictures, for the manifest.
public struct FaceBlurReport: Codable, Hashable, Sendable {
    /// The dataset.
    public var dataset: DatasetID
    /// The camera's topic.
    public var topic: String
    /// The detectors with their versions.
    public var detector: String
    /// Pictures that were checked.
    public var frames: Int
    /// Pictures that detectors looked at; between these, faces were followed.
    public var looks: Int
    /// Pictures with at least one face.
    public var framesWithFaces: Int
    /// Of these, pictures in which no detector saw one, so that all that is covered was followed.
    public var trackedOnlyFrames: Int
    /// Rectangles that were covered, in all pictures together.
    public var boxes: Int
    /// Pictures that could not be checked and were left out.
    public var leftOut: Int

    /// A report on one camera.
    public init(
        dataset: DatasetID,
        topic: String,
        detector: String,
        frames: Int,
        looks: Int,
        framesWithFaces: Int,
        trackedOnlyFrames: Int,
        boxes: Int,
        leftOut: Int
    ) {
        self.dataset = dataset
        self.topic = topic
        self.detector = detector
        self.frames = frames
        self.looks = looks
        self.framesWithFaces = framesWithFaces
        self.trackedOnlyFrames = trackedOnlyFrames
        self.boxes = boxes
        self.leftOut = leftOut
    }
}
