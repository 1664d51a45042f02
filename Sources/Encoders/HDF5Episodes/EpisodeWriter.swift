import ExportCore
import Formats
import HDF5
import Media
import Recordings
import Samples

/// Writes one episode's samples as they come, tick by tick, holding no more than a block of rows of each array.
final class EpisodeWriter: EpisodeSink {
    /// Rows that are held before they are written: a second and more of numbers, a few frames of raw pictures.
    private static let numericBlock = 4_096
    private static let rawPictureBlock = 8

    private let group: HDF5Group
    private let places: EpisodePlaces
    private let folder: String
    private let episode: Episode
    private let samples: SampledRecording
    private let options: HDF5Options
    private let pictures: PictureConverter
    private let progress: (Int) -> Void
    /// For each feature the arrays that are made of its rows.
    private let numerics: [[any RowTaker]]
    private var cameras: [CameraArray]

    /// - Parameter folder: where files may lie while the episode is written.
    init(
        group: HDF5Group,
        folder: String,
        episode: Episode,
        samples: SampledRecording,
        options: HDF5Options,
        pictures: PictureConverter,
        progress: @escaping (Int) -> Void
    ) throws {
        self.group = group
        self.folder = folder
        self.episode = episode
        self.samples = samples
        self.options = options
        self.pictures = pictures
        self.progress = progress
        let storage: HDF5Storage = options.compression == .gzip ? .deflated(rows: Self.numericBlock) : .contiguous
        let places = try EpisodePlaces(options.layout, in: group)
        self.places = places
        numerics = try samples.numerics.map { feature in
            try places.takers(
                of: feature,
                count: episode.count,
                rate: options.sampling.rate.value,
                storage: storage,
                block: Self.numericBlock
            )
        }
        cameras = Array(repeating: .notBegun, count: samples.cameras.count)
        let times = (0..<episode.count).map { episode.time($0) }
        try group.write("timestamp_ns", times, shape: [times.count], storage: storage)
        guard options.layout == .robomimic else { return }
        // Recordings know no reward; an episode ends where its segment does.
        try group.write("rewards", [Float](repeating: 0, count: episode.count), shape: [episode.count])
        let dones = (0..<episode.count).map { Float($0 == episode.count - 1 ? 1 : 0) }
        try group.write("dones", dones, shape: [episode.count])
    }

    func write(_ values: [Double], of feature: Int, tick: Int) throws {
        let row = values.map { Float($0) }
        for taker in numerics[feature] { try taker.append(row) }
    }

    func write(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, tick: Int) throws {
        let topic = samples.cameras[camera].topic
        switch options.imageStorage {
        case .jpeg where picture.encoding == .jpeg: try writeJPEG(bytes, camera: camera, tick: tick)
        case .jpeg: try write(try pictures.jpeg(of: picture, bytes: bytes, topic: topic), camera: camera, tick: tick)
        case .raw: try appendRaw(try pictures.rgb(of: picture, bytes: bytes, topic: topic), camera: camera)
        }
        progress(tick + 1)
    }

    func write(_ picture: Picture, of camera: Int, tick: Int) throws {
        switch options.imageStorage {
        case .jpeg: try write(try pictures.jpeg(of: picture, topic: samples.cameras[camera].topic), camera: camera, tick: tick)
        case .raw: try appendRaw(try pictures.rgb(of: picture), camera: camera)
        }
        progress(tick + 1)
    }

    /// Writes what is still held.
    func finish() throws {
        for takers in numerics { for taker in takers { try taker.finish() } }
        var padded: [PaddedPictures] = []
        for camera in cameras {
            switch camera {
            case .raw(let buffer, _, _): try buffer.finish()
            case .padded(let pictures): padded.append(pictures)
            case .notBegun, .jpeg: break
            }
        }
        try finish(padded)
        progress(episode.count)
    }

    /// Rows of all cameras are of one length, as those are that ALOHA records.
    private func finish(_ padded: [PaddedPictures]) throws {
        guard let longest = padded.compactMap({ $0.lengths.max() }).max() else { return }
        for pictures in padded { try pictures.finish(length: longest) }
        let lengths = padded.flatMap { $0.lengths.map { Float($0) } }
        try group.write("compress_len", lengths, shape: [padded.count, episode.count])
        try group.setAttribute("compress", true)
    }

    private func write(_ jpeg: [UInt8], camera: Int, tick: Int) throws {
        try jpeg.withUnsafeBytes { try writeJPEG($0, camera: camera, tick: tick) }
    }

    private func writeJPEG(_ bytes: UnsafeRawBufferPointer, camera: Int, tick: Int) throws {
        if case .notBegun = cameras[camera] {
            let (group, name) = places.place(ofCamera: samples.cameras[camera].name)
            cameras[camera] =
                options.layout == .aloha
                ? .padded(try PaddedPictures(name, in: group, waitingAt: "\(folder)/waiting_\(camera)"))
                : .jpeg(try group.makeByteSequences(name, count: episode.count))
        }
        switch cameras[camera] {
        case .jpeg(let dataset): try dataset.writeByteSequence(at: tick, bytes)
        case .padded(let pictures): try pictures.append(bytes)
        case .notBegun, .raw: break
        }
    }

    private func appendRaw(_ picture: RGBPicture, camera: Int) throws {
        if case .notBegun = cameras[camera] {
            let shape = [episode.count, picture.height, picture.width, 3]
            let storage: HDF5Storage = options.compression == .gzip ? .deflated(rows: 1) : .contiguous
            let (group, name) = places.place(ofCamera: samples.cameras[camera].name)
            let dataset = try group.makeDataset(name, of: UInt8.self, shape: shape, storage: storage)
            let buffer = RowBuffer<UInt8>(dataset: dataset, width: picture.height * picture.width * 3, block: Self.rawPictureBlock)
            cameras[camera] = .raw(buffer, width: picture.width, height: picture.height)
        }
        guard case .raw(let buffer, let width, let height) = cameras[camera] else { return }
        guard picture.width == width, picture.height == height else {
            throw ExportError(
                .datasetUnreadable,
                "The pictures of \(samples.cameras[camera].topic) change from \(width)×\(height) to \(picture.width)×\(picture.height) within an episode.",
                hint: "An array of raw pictures needs one size; ask for images: jpeg instead."
            )
        }
        try buffer.append(picture.bytes)
    }
}

/// The array of one camera: made when its first picture is there, since only that tells its size.
private enum CameraArray {
    case notBegun
    case jpeg(HDF5Dataset)
    case padded(PaddedPictures)
    case raw(RowBuffer<UInt8>, width: Int, height: Int)
}
