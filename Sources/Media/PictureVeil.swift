import CFFmpeg

/// A part of a picture in whole pixels, as far as it lies in it.
public struct PictureArea: Hashable, Sendable {
    /// The left edge.
    public var x: Int
    /// The upper edge.
    public var y: Int
    /// Columns.
    public var width: Int
    /// Rows.
    public var height: Int

    /// A part of a picture.
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// How a part of a picture is made unrecognisable: what is left of it is the mean of a few cells of each component.
public enum PictureVeil: Hashable, Sendable {
    /// Colours run smoothly from one cell's mean to the next, each drawn towards that of all cells: a bright spot before something dark
    /// would still be a head to detectors that look at the directions of gradients alone.
    case blur
    /// Each cell is its mean.
    case pixelate
    /// All of it is one mean.
    case fill

    /// Cells across the shorter side: too few for eyes, nose and mouth to have one each, because the area is larger than the face.
    fileprivate var cells: Int {
        switch self {
        case .blur, .pixelate: 5
        case .fill: 1
        }
    }

    /// What part of a cell's difference from the mean of all cells is left.
    fileprivate var contrast: (numerator: Int, denominator: Int) {
        switch self {
        case .blur: (1, 4)
        case .pixelate, .fill: (1, 1)
        }
    }
}

extension Picture {
    /// A copy of which some parts are unrecognisable; everything else keeps its samples.
    ///
    /// - Throws: `MediaError` where the layout of pixels cannot be changed in place.
    public func veiled(_ areas: [PictureArea], _ veil: PictureVeil) throws(MediaError) -> Picture {
        let picture = try writableCopy()
        guard let samples = picture.samples() else { throw MediaError("The picture's layout of pixels cannot be covered in parts.") }
        for area in areas {
            for component in samples { component.cover(area, veil) }
        }
        return picture
    }

    /// Copied, and as RGB where its pixels are numbers of a palette.
    private func writableCopy() throws(MediaError) -> Picture {
        let format = AVPixelFormat(frame.pointee.format)
        let hasPalette = (av_pix_fmt_desc_get(format)?.pointee.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM) != 0
        guard !hasPalette else { return try convert(to: AV_PIX_FMT_RGBA) }
        guard let clone = av_frame_clone(frame) else { throw MediaError("There is no memory for a picture.") }
        let picture = Picture(owning: clone)
        let status = av_frame_make_writable(clone)
        guard status >= 0 else { throw MediaError("make room for a picture", code: status) }
        return picture
    }
}

extension PictureSamples {
    fileprivate func cover(_ area: PictureArea, _ veil: PictureVeil) {
        let left = max(0, area.x) >> shared.columns
        let top = max(0, area.y) >> shared.rows
        let right = min(width, (area.x + area.width + (1 << shared.columns) - 1) >> shared.columns)
        let bottom = min(height, (area.y + area.height + (1 << shared.rows) - 1) >> shared.rows)
        guard left < right, top < bottom else { return }
        // Of all of the area, also of what lies outside: half a face gets half the cells.
        let shorter = min(area.width >> shared.columns, area.height >> shared.rows)
        let side = max(1, (shorter + veil.cells - 1) / veil.cells)
        let columns = veil == .fill ? 1 : max(1, (right - left) / side)
        let rows = veil == .fill ? 1 : max(1, (bottom - top) / side)
        let (xs, ys) = (Self.edges(left, right, columns), Self.edges(top, bottom, rows))
        var means = [Int](repeating: 0, count: columns * rows)
        for row in 0..<rows {
            for column in 0..<columns {
                var sum = 0
                for y in ys[row]..<ys[row + 1] {
                    for x in xs[column]..<xs[column + 1] { sum += value(x, y) }
                }
                means[row * columns + column] = sum / max(1, (ys[row + 1] - ys[row]) * (xs[column + 1] - xs[column]))
            }
        }
        let (mean, contrast) = (means.reduce(0, +) / means.count, veil.contrast)
        for cell in means.indices { means[cell] = mean + (means[cell] - mean) * contrast.numerator / contrast.denominator }
        guard veil == .blur else {
            for row in 0..<rows {
                for column in 0..<columns {
                    for y in ys[row]..<ys[row + 1] {
                        for x in xs[column]..<xs[column + 1] { set(means[row * columns + column], x, y) }
                    }
                }
            }
            return
        }
        // Between the middles of the cells, in 256ths.
        let across = (left..<right).map { Self.between($0, left, right, columns) }
        for y in top..<bottom {
            let down = Self.between(y, top, bottom, rows)
            let (upper, lower) = (down.cell * columns, down.next * columns)
            for x in left..<right {
                let place = across[x - left]
                let high = means[upper + place.cell] * (256 - place.share) + means[upper + place.next] * place.share
                let low = means[lower + place.cell] * (256 - place.share) + means[lower + place.next] * place.share
                set((high * (256 - down.share) + low * down.share + 32_768) >> 16, x, y)
            }
        }
    }

    private static func edges(_ start: Int, _ end: Int, _ count: Int) -> [Int] {
        (0...count).map { start + (end - start) * $0 / count }
    }

    private static func between(_ place: Int, _ start: Int, _ end: Int, _ cells: Int) -> (cell: Int, next: Int, share: Int) {
        let position = ((2 * (place - start) + 1) * cells * 128) / (end - start) - 128
        guard position > 0 else { return (0, 0, 0) }
        let cell = min(position >> 8, cells - 1)
        return (cell, min(cell + 1, cells - 1), position & 255)
    }
}
