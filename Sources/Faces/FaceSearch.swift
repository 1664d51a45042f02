/// How closely faces are looked for.
public struct FaceSearch: Hashable, Sendable {
    /// How much is risked to find more.
    public enum Sensitivity: Hashable, Sendable {
        /// Twice a second, faces of about 40 pixels and more.
        case normal
        /// Four times a second with one detector more, faces of about 30 pixels and more; what is no face is covered more often.
        case high
    }

    /// How much is risked to find more.
    public var sensitivity: Sensitivity
    /// A YuNet model in ONNX that takes the place of Debian's detectors; none where nil.
    public var model: String?

    /// A way to look for faces.
    public init(sensitivity: Sensitivity, model: String? = nil) {
        self.sensitivity = sensitivity
        self.model = model
    }

    /// Nanoseconds from one look to the next.
    var interval: Int64 {
        switch sensitivity {
        case .normal: 480_000_000
        case .high: 230_000_000
        }
    }

    /// So long a face stays covered after it was last found, while the picture there goes on looking alike.
    var longestHold: Int64 {
        switch sensitivity {
        case .normal: 2_000_000_000
        case .high: 4_000_000_000
        }
    }

    /// The same for what only one look took for a face: in `normal` until the same detector had another chance to see it.
    var holdOfOneLook: Int64 {
        switch sensitivity {
        case .normal: 1_200_000_000
        case .high: longestHold
        }
    }

    /// So long a face is covered before it was first found and after it was lost in any case.
    static let leastHold: Int64 = 600_000_000
}

/// The detectors of one camera, and which of them looks when.
///
/// Used by one thread at a time.
final class FaceFinder {
    /// One look uses one of these groups, in turn.
    private let turns: [[any FaceDetector]]
    /// All detectors, for people.
    let name: String

    /// - Parameter isForStills: whether the pictures have no neighbours in time that could make good what is missed in one.
    /// - Throws: `FaceError` where a cascade or the model is not there or not what it should be.
    init(_ search: FaceSearch, isForStills: Bool = false) throws(FaceError) {
        if let model = search.model {
            let detector = try NetworkDetector(model: model, threshold: search.sensitivity == .high ? 0.4 : 0.7)
            turns = [[detector]]
            name = detector.name
            return
        }
        // The thresholds lie where recall still rose and false finds had not begun to (Tests/Faces/measure.py). What is false in a camera's
        // picture is followed for seconds, so there they are higher.
        switch (search.sensitivity, isForStills) {
        case (.normal, true):
            turns = [[try GradientDetector(smallest: 42, threshold: -0.4), try Self.frontal(smallest: 30, step: 1.1)]]
        case (.normal, false):
            turns = [[try Self.frontal(smallest: 34, step: 1.15)], [try GradientDetector(smallest: 58, threshold: -0.3)]]
        case (.high, true):
            // Sizes in steps that begin elsewhere are found that lie between the steps of the other.
            let gradients = try [58, 33].map { smallest throws(FaceError) in try GradientDetector(smallest: smallest, threshold: -0.5) }
            turns = [gradients + [try Self.frontal(smallest: 30, step: 1.1), try Self.profile()]]
        case (.high, false):
            let gradients = try GradientDetector(smallest: 42, threshold: -0.4)
            // Of a head that turns on its way it finds one look in three, so it takes part in each.
            let frontal = try Self.frontal(smallest: 30, step: 1.1, neighbours: 1)
            turns = [[gradients, frontal], [frontal], [gradients, frontal, try Self.profile()], [frontal]]
        }
        var names: [String] = []
        for detector in turns.joined() where !names.contains(detector.name) { names.append(detector.name) }
        name = names.joined(separator: ", ")
    }

    private static func frontal(smallest: Double, step: Double, neighbours: Int32 = 2) throws(FaceError) -> CascadeDetector {
        try CascadeDetector(.init(cascade: "haarcascade_frontalface_alt2", smallest: smallest, step: step, neighbours: neighbours))
    }

    private static func profile() throws(FaceError) -> CascadeDetector {
        try CascadeDetector(.init(cascade: "haarcascade_profileface", smallest: 34, step: 1.2, neighbours: 2, isOneSided: true))
    }

    /// After so many looks in turn every detector has looked.
    var turnCount: Int { turns.count }

    /// The faces in a picture.
    ///
    /// - Parameter turn: how often was looked before; nil for a look with all detectors.
    func faces(in picture: some FacePicture, turn: Int?) throws -> [FaceBox] {
        let seen = LookedAtPicture(gray: try picture.gray(smallerBy: 1).brightened(), bgr: picture.bgr)
        let detectors =
            turn.map { turns[$0 % turns.count] }
            ?? turns.reduce(into: []) { all, turn in
                for detector in turn where !all.contains(where: { $0 === detector }) { all.append(detector) }
            }
        var faces: [FaceBox] = []
        for detector in detectors {
            for face in try detector.faces(in: seen) {
                // What one detector marks of a face that another has found is not needed: all of it is covered already.
                guard !faces.contains(where: { $0.isNear(face) && $0.withMargin.contains(face) }) else { continue }
                if let known = faces.firstIndex(where: { $0.isNear(face) }) {
                    faces[known] = faces[known].union(face)
                } else {
                    faces.append(face)
                }
            }
        }
        return faces
    }
}

/// Tries whether the detectors of a search can be opened, before anything is encoded.
public enum FaceDetectors {
    /// The detectors' names and versions.
    ///
    /// - Throws: `FaceError` where a cascade or the model is not there or not what it should be.
    public static func check(_ search: FaceSearch) throws(FaceError) -> String {
        try FaceFinder(search).name
    }
}
