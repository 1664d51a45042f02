import ExportCore

/// One annotation as it stands in the file, nothing resolved; its arrays are used again for the next one.
struct RawAnnotation {
    var id: Int64?
    var image: Int64?
    var category: Int64?
    var type: AnnotationType?
    var box: (x: Double, y: Double, width: Double, height: Double)?
    var rotation = 0.0
    var point: (x: Double, y: Double)?
    var hasPolygons = false
    var hasPolyline = false
    var hasKeypoints = false
    /// The polygons' numbers, one polygon after another, and where each ends.
    var polygonNumbers: [Double] = []
    var polygonEnds: [Int] = []
    /// The most places behind the point of any of the polygons' numbers, where all were written so that it is known.
    var polygonPlaces: Int?
    /// Polygons without an area, which were taken out.
    var lostPolygons = 0
    var polyline: [Double] = []
    var keypoints: [Double] = []
    /// A mask's rows and columns.
    var maskSize: (height: Int, width: Int)?
    var runs: [UInt32] = []
    /// The compressed text of a mask.
    var runText: JSONScanner.Text?
    var hasRunList = false
    var maskFile: JSONScanner.Text?
    var isCrowd = false
    var group: Int64?
    var annotator: JSONScanner.Text?
    /// A level as text, or a score.
    var quality: JSONScanner.Text?
    var score: Double?
    var review: JSONScanner.Text?
    var createdAt: JSONScanner.Text?
    var updatedAt: JSONScanner.Text?
    var tags: Range<Int>?
    var attributes: Range<Int>?
    /// The first thing that was found wrong with it.
    var fault: AnnotationFault?

    mutating func reset() {
        id = nil
        image = nil
        category = nil
        type = nil
        box = nil
        rotation = 0
        point = nil
        hasPolygons = false
        hasPolyline = false
        hasKeypoints = false
        if !polygonNumbers.isEmpty { polygonNumbers.removeAll(keepingCapacity: true) }
        if !polygonEnds.isEmpty { polygonEnds.removeAll(keepingCapacity: true) }
        polygonPlaces = nil
        lostPolygons = 0
        if !polyline.isEmpty { polyline.removeAll(keepingCapacity: true) }
        if !keypoints.isEmpty { keypoints.removeAll(keepingCapacity: true) }
        maskSize = nil
        if !runs.isEmpty { runs.removeAll(keepingCapacity: true) }
        runText = nil
        hasRunList = false
        maskFile = nil
        isCrowd = false
        group = nil
        annotator = nil
        quality = nil
        score = nil
        review = nil
        createdAt = nil
        updatedAt = nil
        tags = nil
        attributes = nil
        fault = nil
    }

    mutating func note(_ fault: AnnotationFault) {
        if self.fault == nil { self.fault = fault }
    }
}

/// One image as it stands in the file.
struct RawImage {
    var id: Int64?
    var file: String?
    var width: Int?
    var height: Int?
    var split: ImageSplit?
    var group: String?
    var capturedAt: String?
    var attributes: String?
}

/// What a file says of its set as a whole.
public struct ImageSetHeader: Hashable, Sendable {
    /// The set's name.
    public var name: String?
    /// The project that it belongs to.
    public var project: String?
    /// When it was made, as it is written.
    public var createdAt: String?
    /// The terms of its use.
    public var license: String?

    /// Nothing is said.
    public init() {}
}
