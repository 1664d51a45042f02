/// Finds faces in pictures that have no neighbours in time, such as those of image sets.
///
/// What is missed in one cannot be made good by another, so each is looked at with all detectors, and more closely than a camera's pictures.
///
/// Used by one thread at a time.
public final class StillFaceFinder {
    private let finder: FaceFinder
    private let check: VeilCheck?

    /// Opens the detectors.
    ///
    /// - Parameter check: how faces will be covered, so that those are filled that are found nevertheless; nil where that is not asked.
    /// - Throws: `FaceError` where one cannot be opened.
    public init(_ search: FaceSearch, check: VeilCheck? = nil) throws(FaceError) {
        finder = try FaceFinder(search, isForStills: true)
        self.check = check
    }

    /// The detectors with their versions.
    public var detector: String { finder.name }

    /// What is to be covered.
    ///
    /// - Throws: `FaceError` where it cannot be looked at.
    public func areas(in picture: some FacePicture) throws -> [FaceArea] {
        let areas = try finder.faces(in: picture, turn: nil).map { FaceArea(box: $0.withMargin) }
        guard let check, !areas.isEmpty else { return areas }
        let seen = Set(try check.seenThrough(Array(areas.indices), of: areas, in: try picture.gray(smallerBy: 1), by: finder))
        return areas.enumerated().map { FaceArea(box: $1.box, isFilled: seen.contains($0)) }
    }
}
