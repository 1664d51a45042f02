/// Finds faces in pictures that have no neighbours in time, such as those of image sets.
///
/// What is missed in one cannot be made good by another, so each is looked at with all detectors, and more closely than a camera's pictures.
///
/// Used by one thread at a time.
public final class StillFaceFinder {
    private let finder: FaceFinder

    /// Opens the detectors.
    ///
    /// - Throws: `FaceError` where one cannot be opened.
    public init(_ search: FaceSearch) throws(FaceError) {
        finder = try FaceFinder(search, isForStills: true)
    }

    /// The detectors with their versions.
    public var detector: String { finder.name }

    /// The rectangles that are to be covered, margins included; they may reach beyond the picture.
    ///
    /// - Throws: `FaceError` where it cannot be looked at.
    public func areas(in picture: some FacePicture) throws -> [FaceBox] {
        try finder.faces(in: picture, turn: nil).map(\.withMargin)
    }
}
