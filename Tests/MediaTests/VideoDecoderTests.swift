import Media
import Testing

@Suite struct VideoDecoderTests {
    @Test(arguments: ["h264", "h264-open", "h264-b-frames", "h264-refresh", "h265", "vp9", "av1"])
    func experiment(name: String) throws {
        let codec: VideoDecoder.Codec = name.hasPrefix("h264") ? .h264 : name == "h265" ? .h265 : name == "vp9" ? .vp9 : .av1
        let units = try VideoSample.units(name)
        for drop in [-1, 5, 12] {
            let decoder = try VideoDecoder(codec)
            var line = "\(name) drop \(drop):"
            for (k, unit) in units.enumerated() where k != drop {
                do {
                    let out = try decoder.decode(unit, number: k)
                    line += " [\(k):" + (try out.map { "\($0.number)=\(try VideoSample.number(in: $0.picture) ?? -1)\($0.isDamaged ? "!" : "")" }.joined(separator: ",")) + "]"
                } catch { line += " [\(k):\(error)]" }
            }
            line += try " end" + decoder.drain().map { " \($0.number)=\(try VideoSample.number(in: $0.picture) ?? -1)" }.joined()
            print(line)
        }
    }
}
