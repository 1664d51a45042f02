import CFFmpeg

extension Picture {
    /// Every so-manieth pixel of every so-manieth row, from the first, as packed RGB bytes.
    ///
    /// What a picture's statistics look at, at the cost of those pixels and not of all. Colour differences that several
    /// pixels share are interpolated as libjpeg does it (its "fancy upsampling": the nearest counts three times as much as
    /// the one beyond, in both directions).
    ///
    /// - Parameter step: at least 1.
    public func rgb(every step: Int) throws(MediaError) -> [UInt8] {
        let step = max(step, 1)
        switch AVPixelFormat(frame.pointee.format) {
        case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P: return try sampled(step, SharedColours(columns: 1, rows: 1)).rgb()
        case AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P: return try sampled(step, SharedColours(columns: 1, rows: 0)).rgb()
        case AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P: return try sampled(step, SharedColours(columns: 0, rows: 0)).rgb()
        default: return Self.pixels(of: try rgb(), width: width, height: height, every: step)
        }
    }

    /// How many pixels share a colour difference, as powers of two.
    private struct SharedColours {
        let columns: Int
        let rows: Int
    }

    private static func pixels(of rgb: [UInt8], width: Int, height: Int, every step: Int) -> [UInt8] {
        guard step > 1 else { return rgb }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * ((width + step - 1) / step) * ((height + step - 1) / step))
        for y in stride(from: 0, to: height, by: step) {
            for x in stride(from: 0, to: width, by: step) {
                let place = 3 * (y * width + x)
                pixels.append(rgb[place])
                pixels.append(rgb[place + 1])
                pixels.append(rgb[place + 2])
            }
        }
        return pixels
    }

    /// The sampled pixels as a picture of their own, in which no pixels share a colour difference.
    private func sampled(_ step: Int, _ shared: SharedColours) throws(MediaError) -> Picture {
        let (width, height) = ((self.width + step - 1) / step, (self.height + step - 1) / step)
        let target = try Picture(width: width, height: height, format: AV_PIX_FMT_YUV444P)
        target.frame.pointee.color_range = usesWholeRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        target.frame.pointee.colorspace = frame.pointee.colorspace
        let (source, made) = (frame.pointee, target.frame.pointee)
        guard let luma = source.data.0, let lumaTarget = made.data.0 else { throw MediaError("The picture holds no pixels.") }
        for y in 0..<height {
            let (from, to) = (luma + y * step * Int(source.linesize.0), lumaTarget + y * Int(made.linesize.0))
            for x in 0..<width { to[x] = from[x * step] }
        }
        let planes = [
            (source.data.1, Int(source.linesize.1), made.data.1, Int(made.linesize.1)),
            (source.data.2, Int(source.linesize.2), made.data.2, Int(made.linesize.2)),
        ]
        let columns = Self.neighbours(count: width, step: step, shared: shared.columns, of: self.width)
        let rows = Self.neighbours(count: height, step: step, shared: shared.rows, of: self.height)
        for (from, fromStride, to, toStride) in planes {
            guard let from, let to else { throw MediaError("The picture holds no colours.") }
            for y in 0..<height {
                let (near, far) = (from + rows[y].near * fromStride, from + rows[y].far * fromStride)
                let row = to + y * toStride
                for x in 0..<width {
                    let column = columns[x]
                    let nearest = 3 &* UInt16(near[column.near]) &+ UInt16(far[column.near])
                    let beyond = 3 &* UInt16(near[column.far]) &+ UInt16(far[column.far])
                    row[x] = UInt8(truncatingIfNeeded: (3 &* nearest &+ beyond &+ 8) &>> 4)
                }
            }
        }
        return target
    }

    /// For each sampled pixel of a row or column of pixels, the colour difference that it lies in and the next nearest one.
    private static func neighbours(count: Int, step: Int, shared: Int, of pixels: Int) -> [(near: Int, far: Int)] {
        let last = (pixels - 1) >> shared
        return (0..<count).map { index in
            let pixel = index * step
            let near = pixel >> shared
            guard shared > 0 else { return (near, near) }
            return (near, pixel & 1 == 0 ? max(near - 1, 0) : min(near + 1, last))
        }
    }
}
