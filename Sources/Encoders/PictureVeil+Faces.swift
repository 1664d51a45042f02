import Faces
import Formats
import Media

extension Picture {
    /// A copy in which faces are unrecognisable.
    ///
    /// - Parameter turn: how the picture is turned, where rectangles are those of the upright one.
    func covering(_ areas: some Sequence<FaceArea>, _ blur: FaceBlur, turn: PictureTurn? = nil) throws(MediaError) -> Picture {
        var softened: [PictureArea] = []
        var filled: [PictureArea] = []
        for area in areas {
            let place = PictureArea(turn?.stored(area.box) ?? area.box)
            if area.isFilled { filled.append(place) } else { softened.append(place) }
        }
        let picture = try veiled(softened, blur.veil)
        return filled.isEmpty ? picture : try picture.veiled(filled, .fill)
    }
}

extension FaceBlur {
    /// How closely faces are looked for.
    var search: FaceSearch {
        FaceSearch(sensitivity: sensitivity == .high ? .high : .normal, model: model?.path)
    }

    /// Looks once more at what is covered; of what is filled nothing is left that could be found.
    var check: VeilCheck? {
        guard style != .fill else { return nil }
        return VeilCheck { gray, areas in
            let picture = try gray.pixels.withUnsafeBytes {
                try Picture($0, layout: .gray, width: gray.width, height: gray.height, step: gray.width)
            }
            return GrayImage(width: gray.width, height: gray.height, pixels: try picture.covering(areas, self).gray())
        }
    }

    /// What stands in place of a face.
    fileprivate var veil: PictureVeil {
        switch style {
        case .blur: .blur
        case .pixelate: .pixelate
        case .fill: .fill
        }
    }
}

extension PictureArea {
    /// All pixels that a rectangle touches.
    fileprivate init(_ box: FaceBox) {
        let (left, top) = (Int(box.x.rounded(.down)), Int(box.y.rounded(.down)))
        let (right, bottom) = (Int((box.x + box.width).rounded(.up)), Int((box.y + box.height).rounded(.up)))
        self.init(x: left, y: top, width: right - left, height: bottom - top)
    }
}
