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
    private let episode: Episode
    private let samples: SampledRecording
    private let options: HDF5Options
    private let pictures: PictureConverter
    private let progress: (Int) -> Void
    private var numerics: [RowBuffer<Float>]
    private var cameras: [CameraArray]

    init(
        group: HDF5Group,
        episode: Episode,
        samples: SampledRecording,
        options: HDF5Options,
        pictures: PictureConverter,
        progress: @escaping (Int) -> Void
    ) throws {
        self.group = group
        self.episode = episode
        self.samples = samples
        self.options = options
        self.pictures = pictures
        self.progress = progress
        let storage: HDF5Storage = options.compression == .gzip ? .deflated(rows: Self.numericBlock) : .contiguous
        numerics = try samples.numerics.map { feature in
            let width = feature.columns.count
            let dataset = try group.makeDataset(feature.name, of: Float.self, shape: [episode.count, width], storage: storage)
            try dataset.setAttribute("names", feature.columns)
            return RowBuffer(dataset: dataset, width: width, block: Self.numericBlock)
        }
        cameras = Array(repeating: .notBegun, count: samples.cameras.count)
        let times = (0..<episode.count).map { episode.time($0) }
        try group.write("timestamp_ns", times, shape: [times.count], storage: storage)
    }

    func write(_ values: [Double], of feature: Int, tick: Int) throws {
        try numerics[feature].append(values.map { Float($0) })
    }

    func write(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, tick: Int) throws {
        let topic = samples.cameras[camera].topic
        switch options.images {
        case .jpeg where picture.encoding == .jpeg: try writeJPEG(bytes, camera: camera, tick: tick)
        case .jpeg: try write(try pictures.jpeg(of: picture, bytes: bytes, topic: topic), camera: camera, tick: tick)
        case .raw: try appendRaw(try pictures.rgb(of: picture, bytes: bytes, topic: topic), camera: camera)
        }
        progress(tick + 1)
    }

    func write(_ picture: Picture, of camera: Int, tick: Int) throws {
        switch options.images {
        case .jpeg: try write(try pictures.jpeg(of: picture, topic: samples.cameras[camera].topic), camera: camera, tick: tick)
        case .raw: try appendRaw(try pictures.rgb(of: picture), camera: camera)
        }
        progress(tick + 1)
    }

    /// Writes what is still held.
    func finish() throws {
        for index in numerics.indices { try numerics[index].flush() }
        for camera in cameras {
            if case .raw(let buffer, _, _) = camera { try buffer.flush() }
        }
        progress(episode.count)
    }

    private func write(_ jpeg: [UInt8], camera: Int, tick: Int) throws {
        try jpeg.withUnsafeBytes { try writeJPEG($0, camera: camera, tick: tick) }
    }

    private func writeJPEG(_ bytes: UnsafeRawBufferPointer, camera: Int, tick: Int) throws {
        if case .notBegun = cameras[camera] {
            cameras[camera] = .jpeg(try group.makeByteSequences(samples.cameras[camera].name, count: episode.count))
        }
        guard case .jpeg(let dataset) = cameras[camera] else { return }
        try dataset.writeByteSequence(at: tick, bytes)
    }

    private func appendRaw(_ picture: RGBPicture, camera: Int) throws {
        if case .notBegun = cameras[camera] {
            let shape = [episode.count, picture.height, picture.width, 3]
            let storage: HDF5Storage = options.compression == .gzip ? .deflated(rows: 1) : .contiguous
            let dataset = try group.makeDataset(samples.cameras[camera].name, of: UInt8.self, shape: shape, storage: storage)
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
    case raw(RowBuffer<UInt8>, width: Int, height: Int)
}

/// Rows on their way to a dataset, written a block at a time.
private final class RowBuffer<Element: HDF5Scalar> {
    private let dataset: HDF5Dataset
    private let width: Int
    private let block: Int
    private var held: [Element] = []
    private var written = 0

    init(dataset: HDF5Dataset, width: Int, block: Int) {
        self.dataset = dataset
        self.width = width
        self.block = block
    }

    func append(_ row: [Element]) throws(HDF5Error) {
        held += row
        if held.count >= block * width { try flush() }
    }

    func flush() throws(HDF5Error) {
        guard !held.isEmpty else { return }
        try dataset.writeRows(first: written, held)
        written += held.count / width
        held.removeAll(keepingCapacity: true)
    }
}
