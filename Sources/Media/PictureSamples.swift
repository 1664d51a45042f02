import CFFmpeg

/// The samples of one component of a picture, wherever they lie among those of others: luma, a colour difference, red, or the pixels of
/// one colour of a sensor's mosaic.
struct PictureSamples {
    /// The first sample.
    let start: UnsafeMutablePointer<UInt8>
    /// Bytes from one sample to the next in its row.
    let step: Int
    /// Bytes from one row to the next.
    let stride: Int
    /// Samples in a row.
    let width: Int
    /// Rows.
    let height: Int
    /// How many pixels of the picture share a sample, as powers of two.
    let shared: (columns: Int, rows: Int)
    /// Whether a sample has two bytes.
    let isWide: Bool
    /// Whether the high byte comes first.
    let isBigEndian: Bool

    func value(_ x: Int, _ y: Int) -> Int {
        let place = start + y * stride + x * step
        guard isWide else { return Int(place[0]) }
        return isBigEndian ? Int(place[0]) << 8 | Int(place[1]) : Int(place[1]) << 8 | Int(place[0])
    }

    func set(_ value: Int, _ x: Int, _ y: Int) {
        let place = start + y * stride + x * step
        guard isWide else {
            place[0] = UInt8(clamping: value)
            return
        }
        let (low, high) = (UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8))
        (place[0], place[1]) = isBigEndian ? (high, low) : (low, high)
    }
}

extension Picture {
    /// The samples of all components but opacity; nil where the layout has none that stand by themselves, such as a palette's.
    ///
    /// The picture's memory must be its own.
    func samples() -> [PictureSamples]? {
        let format = AVPixelFormat(frame.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee else { return nil }
        let data = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2, frame.pointee.data.3]
        let strides = [frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2, frame.pointee.linesize.3].map(Int.init)
        let isBigEndian = description.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
        let components = [description.comp.0, description.comp.1, description.comp.2]
        if isMosaic {
            guard let start = data[0] else { return nil }
            let bytes = components[0].depth > 8 || components[1].depth > 4 ? 2 : 1
            return [(0, 0), (1, 0), (0, 1), (1, 1)].map { x, y in
                PictureSamples(
                    start: start + y * strides[0] + x * bytes,
                    step: 2 * bytes,
                    stride: 2 * strides[0],
                    width: (width + 1 - x) / 2,
                    height: (height + 1 - y) / 2,
                    shared: (1, 1),
                    isWide: bytes == 2,
                    isBigEndian: isBigEndian
                )
            }
        }
        let refused = UInt64(AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT)
        guard description.flags & refused == 0 else { return nil }
        let isColour = description.nb_components >= 3
        let isRGB = description.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
        var samples: [PictureSamples] = []
        for number in 0..<(isColour ? 3 : 1) {
            let component = components[number]
            let plane = Int(component.plane)
            guard (0..<4).contains(plane), let start = data[plane], component.depth >= 8, component.depth <= 16 else { return nil }
            let isShared = isColour && !isRGB && number > 0
            let columns = isShared ? Int(description.log2_chroma_w) : 0
            let rows = isShared ? Int(description.log2_chroma_h) : 0
            samples.append(
                PictureSamples(
                    start: start + Int(component.offset),
                    step: Int(component.step),
                    stride: strides[plane],
                    width: (width + (1 << columns) - 1) >> columns,
                    height: (height + (1 << rows) - 1) >> rows,
                    shared: (columns, rows),
                    isWide: component.depth > 8,
                    isBigEndian: isBigEndian
                )
            )
        }
        return samples
    }
}
