import ExportCore
import Foundation
import Geometry
import Testing

@testable import ImageSets

@Suite struct AnnotationTableTests {
    @Test func `all six types come back as they are written`() throws {
        let set = try TemporarySet(
            document(
                [
                    annotation(#""type":"BBOX","bbox":[1,2.5,30,40],"rotation":15"#, id: 1),
                    annotation(#""type":"POINT","point":[3,4]"#, id: 2),
                    annotation(#""type":"POLYGON","polygons":[[0,0,10,0,10,10],[20,20,30,20,30,30.25]]"#, id: 3),
                    annotation(#""type":"POLYLINE","polyline":[0,0,5,5,9,1]"#, id: 4),
                    annotation(#""type":"KEYPOINT","keypoints":[1,2,2,0,0,0],"bbox":[0,0,9,9]"#, id: 5),
                    annotation(#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":[0,80,7920]}"#, id: 6),
                ].joined(separator: ",")
            )
        )
        let (summary, images) = try set.table()
        #expect(summary.annotations == 6)
        #expect(summary.annotationFaults.isEmpty)
        let mask = try RunLengthMask(width: 100, height: 80, runs: [0, 80, 7_920])
        #expect(
            images[0].1.map(\.shape) == [
                .box(PixelBox(x: 1, y: 2.5, width: 30, height: 40), rotation: 15), .point(x: 3, y: 4),
                .polygons([[0, 0, 10, 0, 10, 10], [20, 20, 30, 20, 30, 30.25]]), .polyline([0, 0, 5, 5, 9, 1]),
                .keypoints([1, 2, 2, 0, 0, 0], box: PixelBox(x: 0, y: 0, width: 9, height: 9)), .mask(mask, isCompressed: false),
            ]
        )
    }

    @Test func `annotations may stand before the images and categories that they name`() throws {
        let set = try TemporarySet(
            #"""
            {"annotations":[{"bbox":[1,1,2,2],"type":"BBOX","category_id":9,"image_id":5,"id":3},
              {"id":1,"image_id":4,"category_id":9,"type":"BBOX","bbox":[0,0,1,1]}],
             "images":[{"height":10,"width":20,"file":"images/x/b.png","id":4},{"id":5,"file":"images/a.png","width":10,"height":10}],
             "categories":[{"name":"cup","id":9}],"schema":"image-annotations/1"}
            """#
        )
        let (summary, images) = try set.table()
        #expect(summary.annotations == 2)
        #expect(images.map(\.0.file) == ["images/x/b.png", "images/a.png"])
        #expect(images.map { $0.1.map(\.id) } == [[1], [3]])
    }

    @Test func `annotations of one image are gathered wherever they stand, in the order of the file`() throws {
        let images = (1...3).map { #"{"id":\#($0),"file":"images/\#($0).jpg","width":9,"height":9}"# }.joined(separator: ",")
        let annotations = (0..<30).map {
            #"{"id":\#($0 + 1),"image_id":\#($0 % 3 + 1),"category_id":2,"type":"POINT","point":[\#($0),0]}"#
        }
        let (_, read) = try TemporarySet(document(annotations.joined(separator: ","), images: images)).table()
        #expect(read.map { $0.1.map(\.id) } == (1...3).map { first in (0..<10).map { Int64(first + 3 * $0) } })
    }

    @Test func `what is said of an annotation and an image is kept`() throws {
        let text =
            #""type":"POINT","point":[1,1],"iscrowd":1,"group_id":7,"annotator":"a\u00e9\ud83d\ude00","quality":87.5,"review":"passed","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","tags":["x"],"attributes":{"occluded":true}"#
        let image =
            #"{"id":1,"file":"images/日本 語.jpg","width":100,"height":80,"split":"val","group_id":3,"captured_at":"2026","attributes":{"a":[1]}}"#
        let (_, images) = try TemporarySet(document(annotation(text), images: image)).table()
        let read = try #require(images.first)
        #expect(read.0.file == "images/日本 語.jpg")
        #expect(read.0.split == .val)
        #expect(read.0.group == "3")
        #expect(read.0.attributes == #"{"a":[1]}"#)
        let details = try #require(read.1.first?.details)
        #expect(read.1.first?.isCrowd == true)
        #expect(details.group == 7)
        #expect(details.annotator == "aé😀")
        #expect(details.quality == "87.5")
        #expect(details.review == "passed")
        #expect(details.tags == #"["x"]"#)
        #expect(details.attributes == #"{"occluded":true}"#)
    }

    @Test func `a compressed mask with a backslash in its text is read`() throws {
        // Runs that give the character for 44 + 48: a backslash, which JSON writes twice.
        let runs: [UInt32] = [12, 5, 100, 5, 88, 7_790]
        let mask = try RunLengthMask(width: 100, height: 80, runs: runs)
        let text = String(decoding: mask.cocoText, as: UTF8.self)
        let escaped = text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        let (_, images) = try TemporarySet(
            document(annotation(#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":"\#(escaped)"}"#))
        ).table()
        #expect(images[0].1.map(\.shape) == [.mask(mask, isCompressed: true)])
    }

    @Test func `a mask may be a file of the set`() throws {
        let mask = try RunLengthMask(width: 100, height: 80, runs: [8_000])
        let json = document(annotation(#""type":"SEGMENTATION","mask":"masks/7.png""#))
        #expect(try TemporarySet(json).table(mask: mask).images[0].1.map(\.shape) == [.mask(mask, isCompressed: true)])
        #expect(try TemporarySet(json).table().summary.annotationFaults[.maskUnreadable]?.count == 1)
        let outside = document(annotation(#""type":"SEGMENTATION","mask":"masks/../../7.png""#))
        #expect(try TemporarySet(outside).table(mask: mask).summary.annotationFaults[.maskUnreadable]?.count == 1)
    }

    @Test(arguments: [
        (#""type":"BBOX","bbox":[1,2,0,4]"#, AnnotationFault.sizeNotPositive),
        (#""type":"BBOX","bbox":[1,2,3,-4]"#, .sizeNotPositive),
        (#""type":"BBOX","bbox":[1,2,NaN,4]"#, .numberNotFinite),
        (#""type":"BBOX","bbox":[1,2,1e999,4]"#, .numberNotFinite),
        (#""type":"POINT","point":[1,-Infinity]"#, .numberNotFinite),
        (#""type":"BBOX","bbox":[1,2,3e9,4]"#, .numberTooLarge),
        (#""type":"BBOX","bbox":[1,2,3]"#, .geometryMalformed),
        (#""type":"BBOX","bbox":"1,2,3,4""#, .geometryMalformed),
        (#""type":"BBOX""#, .geometryMissing),
        (#""type":"CUBOID","bbox":[1,2,3,4]"#, .typeUnknown),
        (#""type":"POLYGON","polygons":[[1,1,2,2]]"#, .shapeDegenerate),
        (#""type":"POLYGON","polygons":[]"#, .shapeDegenerate),
        (#""type":"POLYGON","polygons":[[1,1,2,2,3,3]]"#, .shapeDegenerate),
        (#""type":"POLYGON","polygons":[[1,1,2,2,3]]"#, .geometryMalformed),
        (#""type":"POLYGON","polygons":[1,1,2,2,3,3]"#, .geometryMalformed),
        (#""type":"POLYLINE","polyline":[1,1]"#, .shapeDegenerate),
        (#""type":"KEYPOINT","keypoints":[1,1,2]"#, .keypointsDiffer),
        (#""type":"KEYPOINT","keypoints":[1,1,2,1,1,3]"#, .visibilityUnknown),
        (#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":[0,9000]}"#, .maskMalformed),
        (#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":[0,79]}"#, .maskMalformed),
        (#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":[-1,8001]}"#, .maskMalformed),
        (#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":"\u0001"}"#, .maskMalformed),
        (#""type":"SEGMENTATION","rle":{"size":[80,100],"counts":"zzzzzzzzz"}"#, .maskMalformed),
        (#""type":"SEGMENTATION","rle":{"size":[1000000,1000000],"counts":[1]}"#, .maskMalformed),
        (#""type":"SEGMENTATION","rle":{"size":[10,10],"counts":[100]}"#, .maskSizeDiffers),
    ]) func `an annotation that cannot be taken is left out and counted`(text: String, fault: AnnotationFault) throws {
        let (summary, images) = try TemporarySet(
            document([annotation(text, id: 1), annotation(#""type":"POINT","point":[1,1]"#, id: 2)].joined(separator: ","))
        ).table()
        #expect(summary.annotationFaults.mapValues(\.count) == [fault: 1])
        #expect(summary.annotationFaults[fault]?.examples == ["annotation 1"])
        #expect(images.map { $0.1.map(\.id) } == [[2]])
    }

    @Test func `references to nothing and repeated ids are left out and counted`() throws {
        let point = #""type":"POINT","point":[1,1]"#
        let (summary, images) = try TemporarySet(
            document(
                [
                    annotation(point, id: 5), annotation(point, id: 4), annotation(point, id: 5), annotation(point, id: 6, category: 99),
                    #"{"id":7,"image_id":99,"category_id":1,\#(point)}"#, #"{"image_id":1,"category_id":1,\#(point)}"#, "3",
                ].joined(separator: ",")
            )
        ).table()
        #expect(
            summary.annotationFaults.mapValues(\.count) == [.idRepeated: 1, .categoryUnknown: 1, .imageUnknown: 1, .idMissing: 2]
        )
        #expect(images[0].1.map(\.id) == [5, 4])
    }

    @Test func `of annotations with one id the first stays, however many there are and wherever they stand`() throws {
        let point = #""type":"POINT","point":[1,1]"#
        let ids = [9, 3, 9, 3, 9, 1, 7] + Array(repeating: 3, count: 20)
        let set = try TemporarySet(document(ids.map { annotation(point, id: $0) }.joined(separator: ",")))
        let (summary, images) = try set.table()
        #expect(images[0].1.map(\.id) == [9, 3, 1, 7])
        #expect(summary.annotationFaults.mapValues(\.count) == [.idRepeated: 23])
        // What only served to find them is not left behind.
        let files = try FileManager.default.subpathsOfDirectory(atPath: set.folder).filter { $0.hasSuffix(".records") }
        #expect(Set(files.map { $0.split(separator: "/").last ?? "" }) == ["images.records", "annotations.records", "index.records"])
    }

    @Test func `a polygon of a million points is left out, and memory does not grow with it`() throws {
        let numbers = (0..<1_000_000).map { "\($0 % 97),\($0 % 89)" }.joined(separator: ",")
        let (summary, _) = try TemporarySet(document(annotation(#""type":"POLYGON","polygons":[[\#(numbers)]]"#))).table()
        #expect(summary.annotationFaults.mapValues(\.count) == [.tooManyPoints: 1])
    }

    @Test func `a polygon without an area is taken out of an annotation that has others`() throws {
        let text = #""type":"POLYGON","polygons":[[1,1,2,2],[0,0,9,0,9,9],[5,5,5,5,5,5]]"#
        let (summary, images) = try TemporarySet(document(annotation(text))).table()
        #expect(summary.lostPolygons.count == 1)
        #expect(images[0].1.map(\.shape) == [.polygons([[0, 0, 9, 0, 9, 9]])])
    }

    @Test(arguments: [
        ("images/../../etc/passwd", ImageFault.pathInvalid), ("/etc/passwd", .pathInvalid), ("images//a.jpg", .pathInvalid),
        ("../images/a.jpg", .pathInvalid), ("a.jpg", .pathInvalid), ("images/./a.jpg", .pathInvalid), ("images", .pathInvalid),
        ("images/a\\u0000.jpg", .pathInvalid), ("masks/a.png", .pathInvalid),
    ]) func `an image whose path leads elsewhere is left out with its annotations`(path: String, fault: ImageFault) throws {
        let (summary, images) = try TemporarySet(
            document(annotation(#""type":"POINT","point":[1,1]"#), images: #"{"id":1,"file":"\#(path)","width":9,"height":9}"#)
        ).table()
        #expect(images.isEmpty)
        #expect(summary.imageFaults.mapValues(\.count) == [fault: 1])
        #expect(summary.annotationFaults.mapValues(\.count) == [.imageLeftOut: 1])
    }

    @Test func `images that repeat an id or a file or have no size are left out and counted`() throws {
        let images = [
            #"{"id":1,"file":"images/a.jpg","width":9,"height":9}"#, #"{"id":1,"file":"images/b.jpg","width":9,"height":9}"#,
            #"{"id":2,"file":"images/a.jpg","width":9,"height":9}"#, #"{"id":3,"file":"images/c.jpg","width":0,"height":9}"#,
            #"{"id":4,"file":"images/d.jpg","width":9,"height":-9}"#, #"{"file":"images/e.jpg","width":9,"height":9}"#,
            #"{"id":6,"file":"images/f.jpg"}"#,
        ]
        let (summary, read) = try TemporarySet(document("", images: images.joined(separator: ","))).table()
        #expect(read.map(\.0.file) == ["images/a.jpg"])
        #expect(
            summary.imageFaults.mapValues(\.count) == [.idRepeated: 1, .pathRepeated: 1, .sizeInvalid: 2, .idMissing: 1, .missing: 1]
        )
    }

    @Test func `categories that repeat each other or lie below themselves are counted`() throws {
        let categories = [
            #"{"id":1,"name":"cup","supercategory":"dish"}"#, #"{"id":1,"name":"bowl"}"#, #"{"id":2,"name":"cup"}"#,
            #"{"id":3,"name":"dish","supercategory":"thing"}"#, #"{"id":4,"name":"thing","supercategory":"dish"}"#,
            #"{"id":5,"name":"self","supercategory":"self"}"#,
        ]
        let (summary, images) = try TemporarySet(
            document(annotation(#""type":"POINT","point":[1,1]"#, category: 2), categories: categories.joined(separator: ","))
        ).table()
        #expect(summary.categories.map(\.name) == ["cup", "dish", "thing", "self"])
        #expect(summary.repeatedCategories == ["bowl"])
        #expect(summary.mergedCategories == ["cup"])
        #expect(summary.circularCategories == ["dish", "thing"])
        #expect(images[0].1.map(\.category) == [0])
    }
}
