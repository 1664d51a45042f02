import CFFmpeg

extension Picture {
    /// Every so-manieth pixel of every so-manieth row, from the first, as packed RGB bytes.
    ///
    /// What a picture's statistics look at, at the cost of those pixels and not of all. Of a JPEG these are the very values that libjpeg
    /// gives, and with it OpenCV and Pillow: colour differences that several pixels share are interpolated as it does it (its "fancy
    /// upsampling": the nearest counts three times as much as the one beyond, in both directions).
    ///
    /// - Parameter step: at least 1.
    public func rgb(every step: Int) throws(MediaError) -> [UInt8] {
        let step = max(step, 1)
        switch AVPixelFormat(frame.pointee.format) {
        case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P: return try colours(of: sampled(step, SharedColours(columns: 1, rows: 1)))
        case AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P: return try colours(of: sampled(step, SharedColours(columns: 1, rows: 0)))
        case AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P: return try colours(of: sampled(step, SharedColours(columns: 0, rows: 0)))
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
        let columns = Self.neighbours(count: width, step: step, shared: shared.columns, of: self.width)
        let rows = Self.neighbours(count: height, step: step, shared: shared.rows, of: self.height)
        // Of the halves between two values libjpeg rounds every other one down, lest the picture as a whole become brighter.
        let halves: (Int32, Int32) = shared.rows > 0 ? (8, 7) : (4, 8)
        let planes = [
            (source.data.1, Int(source.linesize.1), made.data.1, Int(made.linesize.1)),
            (source.data.2, Int(source.linesize.2), made.data.2, Int(made.linesize.2)),
        ]
        for (from, fromStride, to, toStride) in planes {
            guard let from, let to else { throw MediaError("The picture holds no colours.") }
            columns.withUnsafeBufferPointer { columns in
                for y in 0..<height {
                    let (near, far) = (from + rows[y].near * fromStride, from + rows[y].far * fromStride)
                    let row = to + y * toStride
                    for x in 0..<width {
                        let column = columns[x]
                        let nearest = 3 &* Int32(near[column.near]) &+ Int32(far[column.near])
                        let beyond = 3 &* Int32(near[column.far]) &+ Int32(far[column.far])
                        row[x] = UInt8(truncatingIfNeeded: (3 &* nearest &+ beyond &+ (column.isEven ? halves.0 : halves.1)) &>> 4)
                    }
                }
            }
        }
        return target
    }

    /// Where a sampled pixel's colour difference lies in a row or a column.
    private struct Neighbours {
        /// The one that the pixel lies in.
        let near: Int
        /// The next nearest.
        let far: Int
        /// Whether the pixel is the first of those that share it.
        let isEven: Bool
    }

    private static func neighbours(count: Int, step: Int, shared: Int, of pixels: Int) -> [Neighbours] {
        let last = (pixels - 1) >> shared
        return (0..<count).map { index in
            let pixel = index * step
            let near = pixel >> shared
            guard shared > 0 else { return Neighbours(near: near, far: near, isEven: true) }
            let isEven = pixel & 1 == 0
            return Neighbours(near: near, far: isEven ? max(near - 1, 0) : min(near + 1, last), isEven: isEven)
        }
    }

    /// The colours of a picture in which no pixels share a colour difference, packed.
    private func colours(of sampled: Picture) throws(MediaError) -> [UInt8] {
        guard usesWholeRange, ownMatrix == SWS_CS_ITU601 else { return try sampled.rgb() }
        let (width, height, made) = (sampled.width, sampled.height, sampled.frame.pointee)
        guard let luma = made.data.0, let blue = made.data.1, let red = made.data.2 else {
            throw MediaError("The picture holds no colours.")
        }
        return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { target, count in
            guard var pixel = target.baseAddress else { return }
            for row in 0..<height {
                let y = luma + row * Int(made.linesize.0)
                let (cb, cr) = (blue + row * Int(made.linesize.1), red + row * Int(made.linesize.2))
                for x in 0..<width {
                    // libjpeg's factors 1.402, 0.34414, 0.71414 and 1.772 in units of 1/65536, with its rounding.
                    let (y, b, r) = (Int32(y[x]), Int32(cb[x]) &- 128, Int32(cr[x]) &- 128)
                    pixel[0] = UInt8(truncatingIfNeeded: min(max(y &+ (91_881 &* r &+ 32_768) &>> 16, 0), 255))
                    pixel[1] = UInt8(truncatingIfNeeded: min(max(y &+ (32_768 &- 22_554 &* b &- 46_802 &* r) &>> 16, 0), 255))
                    pixel[2] = UInt8(truncatingIfNeeded: min(max(y &+ (116_130 &* b &+ 32_768) &>> 16, 0), 255))
                    pixel += 3
                }
            }
            count = 3 * width * height
        }
    }
}
