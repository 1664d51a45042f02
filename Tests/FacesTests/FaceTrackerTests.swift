import ExportCore
import Faces
import Foundation
import Media
import Testing

/// Detectors and tracker on a real photograph.
@Suite struct FaceTrackerTests {
    /// The astronaut's face in the fixture, about: forehead to chin, ear to ear.
    private static let face = FaceBox(x: 115, y: 70, width: 100, height: 110)
    private static let second: Int64 = 1_000_000_000

    @Test(arguments: [FaceSearch.Sensitivity.normal, .high]) func `a face is found and all of it is covered`(
        _ sensitivity: FaceSearch.Sensitivity
    ) throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: sensitivity))
        try tracker.add(0, time: 0, picture: try Portrait.gray(), isLast: true)
        let cover = try tracker.finish()
        #expect(cover.boxes(of: 0).contains { Self.covers($0.box, Self.face) && !$0.isTracked })
        #expect(cover.framesWithFaces == 1)
        #expect(cover.trackedOnlyFrames == 0)
        #expect(cover.detector.contains("dlib 19") && cover.detector.contains("haarcascade_frontalface_alt2"))
    }

    @Test func `a picture without people is covered nowhere`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        // The suit and the flag, without the head.
        let part = Scene(width: 320, height: 240)
        try tracker.add(0, time: 0, picture: part.showing(nil), isLast: true)
        let cover = try tracker.finish()
        #expect(cover.entries.isEmpty)
        #expect(cover.isKnown(0))
        #expect(!cover.isKnown(1))
    }

    @Test func `a face on the move is covered in every picture, although detectors look at few of them`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        for frame in 0..<36 {
            let picture = scene.showing((x: 20 + 6 * frame, y: 40 + frame))
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture, isLast: frame == 35)
        }
        let cover = try tracker.finish()
        for frame in 0..<36 {
            let face = FaceBox(
                x: Self.face.x + Float(20 + 6 * frame),
                y: Self.face.y + Float(40 + frame),
                width: Self.face.width,
                height: Self.face.height
            )
            #expect(cover.boxes(of: frame).contains { Self.covers($0.box, face) }, "frame \(frame)")
        }
        #expect(cover.looks <= 6)
        #expect(cover.trackedOnlyFrames >= 30)
    }

    @Test func `a face is covered in the pictures before the one in which it was found first`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        for frame in 0..<30 {
            let picture = scene.showing(frame < 4 ? nil : (x: 100, y: 60))
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture, isLast: frame == 29)
        }
        let cover = try tracker.finish()
        let face = FaceBox(x: Self.face.x + 100, y: Self.face.y + 60, width: Self.face.width, height: Self.face.height)
        for frame in 4..<30 { #expect(cover.boxes(of: frame).contains { Self.covers($0.box, face) }, "frame \(frame)") }
    }

    @Test func `a face before the pictures change in size is covered where it was`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        // Both are followed in pictures of 320 by 240 pixels.
        let large = Scene(width: 640, height: 480).showing((x: 200, y: 100)).twice()
        for frame in 0..<6 { try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: large) }
        let small = Scene(width: 640, height: 480).showing((x: 200, y: 100))
        for frame in 6..<12 {
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: small, isLast: frame == 11)
        }
        let cover = try tracker.finish()
        let face = FaceBox(x: Self.face.x + 200, y: Self.face.y + 100, width: Self.face.width, height: Self.face.height)
        let twice = FaceBox(x: face.x * 2, y: face.y * 2, width: face.width * 2, height: face.height * 2)
        for frame in 0..<6 { #expect(cover.boxes(of: frame).contains { Self.covers($0.box, twice) }, "frame \(frame)") }
        for frame in 6..<12 { #expect(cover.boxes(of: frame).contains { Self.covers($0.box, face) }, "frame \(frame)") }
    }

    @Test func `a face that comes shortly before the last picture is covered, although that one cannot be decoded`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        // The picture that was to be the last never comes.
        for frame in 0..<12 {
            let picture = scene.showing(frame < 6 ? nil : (x: 100, y: 60))
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture)
        }
        let cover = try tracker.finish()
        let face = FaceBox(x: Self.face.x + 100, y: Self.face.y + 60, width: Self.face.width, height: Self.face.height)
        for frame in 6..<12 { #expect(cover.boxes(of: frame).contains { Self.covers($0.box, face) }, "frame \(frame)") }
    }

    @Test func `a face is covered that is gone behind a cut before anyone looked`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        let other = GrayImage(width: 640, height: 400, pixels: (0..<640 * 400).map { UInt8(200 + $0 % 640 / 80) })
        for frame in 0..<20 {
            let picture = frame < 12 ? scene.showing(frame < 6 ? nil : (x: 100, y: 60)) : other
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture, isLast: frame == 19)
        }
        let cover = try tracker.finish()
        let face = FaceBox(x: Self.face.x + 100, y: Self.face.y + 60, width: Self.face.width, height: Self.face.height)
        for frame in 6..<12 { #expect(cover.boxes(of: frame).contains { Self.covers($0.box, face) }, "frame \(frame)") }
    }

    @Test func `a picture that cannot be decoded does not count as checked`() throws {
        struct Damage: Error {}
        /// A small picture can be had of it, but not the whole one.
        struct Damaged: FacePicture {
            let gray: GrayImage

            func size() -> (width: Int, height: Int) { (gray.width, gray.height) }

            func gray(smallerBy factor: Int) throws -> GrayImage {
                guard factor > 1 else { throw Damage() }
                return try gray.smaller(by: factor)
            }

            func bgr() throws -> [UInt8] { throw Damage() }
        }
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        try tracker.add(0, time: 0, picture: scene.showing(nil))
        #expect(throws: Damage.self) {
            try tracker.add(1, time: Self.second / 2, picture: Damaged(gray: scene.showing((x: 100, y: 60))))
        }
        try tracker.add(2, time: Self.second * 3 / 5, picture: scene.showing((x: 100, y: 60)), isLast: true)
        let cover = try tracker.finish()
        #expect(cover.isKnown(0) && !cover.isKnown(1) && cover.isKnown(2))
        #expect(!cover.boxes(of: 2).isEmpty)
    }

    @Test func `a face that comes into a picture in hardly any light is covered`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        for frame in 0..<30 {
            let picture = scene.showing(frame < 4 ? nil : (x: 100, y: 60)).darker(by: 16)
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture, isLast: false)
        }
        let cover = try tracker.finish()
        let face = FaceBox(x: Self.face.x + 100, y: Self.face.y + 60, width: Self.face.width, height: Self.face.height)
        for frame in 4..<30 { #expect(cover.boxes(of: frame).contains { Self.covers($0.box, face) }, "frame \(frame)") }
    }

    @Test func `a face that comes and keeps still is looked at by all detectors`() throws {
        let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
        let scene = Scene(width: 640, height: 400)
        // The other detector's turn it is when something else comes; this head is turned too far for the one whose turn comes then.
        for frame in 0..<90 {
            var picture = scene.showing(nil)
            if frame >= 5 { picture = picture.with(try Portrait.gray().turned(), x: 300, y: 60, isLeftOut: frame < 20) }
            try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture)
        }
        let cover = try tracker.finish()
        // The second look at it is nearly a second after it came; what is found is followed back for more than half of one.
        for frame in 30..<90 { #expect(!cover.boxes(of: frame).isEmpty, "frame \(frame)") }
    }

    @Test func `the same pictures give the same rectangles`() throws {
        func cover() throws -> [FaceCover.Entry] {
            let tracker = try FaceTracker(FaceSearch(sensitivity: .normal))
            let scene = Scene(width: 480, height: 360)
            for frame in 0..<16 {
                let picture = scene.showing((x: 3 * frame, y: 30))
                try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: picture, isLast: frame == 15)
            }
            return try tracker.finish().entries
        }
        #expect(try cover() == cover())
    }

    @Test(arguments: [PictureVeil.blur, .pixelate, .fill]) func `a face that was covered is not found again`(_ veil: PictureVeil) throws {
        let portrait = try Portrait.picture()
        let tracker = try FaceTracker(FaceSearch(sensitivity: .high))
        try tracker.add(0, time: 0, picture: try Portrait.gray(), isLast: true)
        let areas = try tracker.finish().boxes(of: 0).map {
            PictureArea(x: Int($0.box.x), y: Int($0.box.y), width: Int($0.box.width) + 1, height: Int($0.box.height) + 1)
        }
        let veiled = try portrait.veiled(areas, veil)
        let again = try FaceTracker(FaceSearch(sensitivity: .high))
        let gray = GrayImage(width: veiled.width, height: veiled.height, pixels: try veiled.gray())
        try again.add(0, time: 0, picture: gray, isLast: true)
        #expect(try again.finish().boxes(of: 0).filter { Self.covers($0.box, FaceBox(x: 150, y: 100, width: 20, height: 30)) }.isEmpty)
    }

    @Test func `a face that is found through its veil is filled in all its pictures, and no other is`() throws {
        let scene = Scene(width: 640, height: 400)
        func cover(_ check: VeilCheck) throws -> FaceCover {
            let tracker = try FaceTracker(FaceSearch(sensitivity: .normal), check: check)
            for frame in 0..<24 {
                try tracker.add(frame, time: Int64(frame) * Self.second / 30, picture: scene.showing((x: 60 + 4 * frame, y: 60)))
            }
            return try tracker.finish()
        }
        // A veil of glass, until it is told to fill.
        let glass = VeilCheck { picture, areas in
            areas.contains { $0.isFilled } ? GrayImage(width: 640, height: 400, pixels: [UInt8](repeating: 9, count: 640 * 400)) : picture
        }
        let curtain = VeilCheck { picture, _ in GrayImage(width: 640, height: 400, pixels: [UInt8](repeating: 9, count: 640 * 400)) }
        let (seen, hidden) = (try cover(glass), try cover(curtain))
        for frame in 0..<24 {
            let left = Self.face.x + Float(60 + 4 * frame)
            let face = FaceBox(x: left, y: Self.face.y + 60, width: Self.face.width, height: Self.face.height)
            #expect(seen.boxes(of: frame).contains { $0.area.isFilled && Self.covers($0.box, face) }, "frame \(frame)")
        }
        #expect(seen.entries.map(\.box) == hidden.entries.map(\.box) && hidden.entries.allSatisfy { !$0.area.isFilled })
    }

    @Test func `of a single picture those faces are filled that are found through their veil`() throws {
        for isGlass in [true, false] {
            let check = VeilCheck { picture, _ in
                isGlass ? picture : GrayImage(width: picture.width, height: picture.height, pixels: picture.pixels.map { $0 / 255 })
            }
            let areas = try StillFaceFinder(FaceSearch(sensitivity: .normal), check: check).areas(in: try Portrait.gray())
            #expect(areas.contains { Self.covers($0.box, Self.face) && $0.isFilled == isGlass })
        }
    }

    @Test(arguments: [FaceSearch.Sensitivity.normal, .high]) func `a model takes the place of the detectors`(
        _ sensitivity: FaceSearch.Sensitivity
    ) throws {
        // To the model of the fixture everything white is a face of 64 pixels.
        let tracker = try FaceTracker(FaceSearch(sensitivity: sensitivity, model: Self.fixture("bright.onnx")))
        var pixels = [UInt8](repeating: 40, count: 640 * 480)
        for y in 96..<192 { for x in 128..<224 { pixels[y * 640 + x] = 255 } }
        try tracker.add(0, time: 0, picture: GrayImage(width: 640, height: 480, pixels: pixels))
        let dark = GrayImage(width: 333, height: 251, pixels: [UInt8](repeating: 40, count: 333 * 251))
        try tracker.add(1, time: Self.second, picture: dark, isLast: true)
        let cover = try tracker.finish()
        #expect(cover.detector.hasSuffix("FaceDetectorYN"))
        #expect(cover.looks == 2)
        #expect(cover.boxes(of: 0).contains { Self.covers($0.box, FaceBox(x: 150, y: 120, width: 52, height: 52)) })
        #expect(cover.boxes(of: 1).isEmpty)
    }

    @Test func `a model of another kind is refused when it is opened`() {
        #expect(throws: FaceError.self) { try FaceTracker(FaceSearch(sensitivity: .normal, model: Self.fixture("other.onnx"))) }
        #expect(throws: FaceError.self) { try FaceTracker(FaceSearch(sensitivity: .normal, model: Self.fixture("astronaut.jpg"))) }
    }

    @Test func `single pictures are looked at by all detectors, and the same way each time`() throws {
        for sensitivity in [FaceSearch.Sensitivity.normal, .high] {
            let finder = try StillFaceFinder(FaceSearch(sensitivity: sensitivity))
            let picture = try Portrait.gray()
            let areas = try finder.areas(in: picture)
            #expect(areas.contains { Self.covers($0.box, Self.face) })
            #expect(try finder.areas(in: picture) == areas)
            #expect(finder.detector.contains("dlib") && finder.detector.contains("frontalface_alt2"))
        }
    }

    @Test func `a model that is not there is named, with what to do`() {
        #expect {
            _ = try FaceTracker(FaceSearch(sensitivity: .normal, model: "/no/such/model.onnx"))
        } throws: { error in
            let told = ExportError(error)
            let isNamed = told.message.contains("/no/such/model.onnx") && told.hint?.contains("faces.model") == true
            return isNamed && told.code == .optionUnsupported
        }
    }

    private static func fixture(_ name: String) -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.appending(path: "Fixtures/faces/\(name)").path()
    }

    /// Whether a rectangle covers nearly all of a face.
    private static func covers(_ box: FaceBox, _ face: FaceBox) -> Bool {
        let width = min(box.x + box.width, face.x + face.width) - max(box.x, face.x)
        let height = min(box.y + box.height, face.y + face.height) - max(box.y, face.y)
        return width > 0 && height > 0 && width * height >= 0.9 * face.width * face.height
    }
}

extension GrayImage {
    fileprivate func darker(by factor: UInt8) -> GrayImage {
        GrayImage(width: width, height: height, pixels: pixels.map { $0 / factor })
    }

    /// Turned by 30° about its middle.
    fileprivate func turned() -> GrayImage {
        let (cosine, sine) = (cos(30 * Double.pi / 180), sin(30 * Double.pi / 180))
        let turned = (0..<width * height).map { place -> UInt8 in
            let (x, y) = (Double(place % width - width / 2), Double(place / width - height / 2))
            let (column, row) = (Int(x * cosine - y * sine) + width / 2, Int(x * sine + y * cosine) + height / 2)
            return (0..<width).contains(column) && (0..<height).contains(row) ? pixels[row * width + column] : 110
        }
        return GrayImage(width: width, height: height, pixels: turned)
    }

    /// With another picture laid over it, or a bright rectangle in the corner in its place.
    fileprivate func with(_ other: GrayImage, x: Int, y: Int, isLeftOut: Bool) -> GrayImage {
        var made = pixels
        if isLeftOut {
            for row in 0..<60 { for column in 0..<60 { made[row * width + column] = 200 } }
        } else {
            for row in 0..<other.height {
                for column in 0..<other.width { made[(row + y) * width + column + x] = other.pixels[row * other.width + column] }
            }
        }
        return GrayImage(width: width, height: height, pixels: made)
    }

    /// Twice as wide and high.
    fileprivate func twice() -> GrayImage {
        let twice = (0..<4 * width * height).map { pixels[$0 / (2 * width) / 2 * width + $0 % (2 * width) / 2] }
        return GrayImage(width: 2 * width, height: 2 * height, pixels: twice)
    }
}

/// The fixture.
private enum Portrait {
    static func picture() throws -> Picture {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let bytes = try Data(contentsOf: path.appending(path: "Fixtures/faces/astronaut.jpg"))
        return try bytes.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
    }

    static func gray() throws -> GrayImage {
        let picture = try picture()
        return GrayImage(width: picture.width, height: picture.height, pixels: try picture.gray())
    }
}

/// The portrait laid over a pattern that is no face.
private struct Scene {
    let width: Int
    let height: Int

    func showing(_ place: (x: Int, y: Int)?) -> GrayImage {
        var pixels = (0..<width * height).map { UInt8(90 + ($0 % width * 7 / 40 + $0 / width * 3 / 20) % 50) }
        if let place, let portrait = try? Portrait.gray() {
            for y in 0..<min(portrait.height, height - place.y) {
                for x in 0..<min(portrait.width, width - place.x) {
                    pixels[(y + place.y) * width + x + place.x] = portrait.pixels[y * portrait.width + x]
                }
            }
        }
        return GrayImage(width: width, height: height, pixels: pixels)
    }
}
