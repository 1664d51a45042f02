import Encoding
import ExportCore
import Faces
import Files
import Formats
import MCAP
import Media
import Plans
import Playback
import Recordings
import Samples

/// Makes faces unrecognisable in a recording's camera messages: their pictures change, and nothing else of them does.
///
/// Used by one thread at a time.
final class MessageBlur: MessageTransform {
    private let recording: Recording
    private let blur: FaceBlur
    private let cameras: [SurveyedCamera]
    /// For each channel of each volume its camera.
    private var places: [Int: [UInt16: Int]] = [:]
    private var readers: [Int: TopicReader] = [:]
    private var decoders: [Int: PictureDecoder] = [:]
    private let encoder: StillEncoder

    init(_ recording: Recording, _ blur: FaceBlur, cameras: [SurveyedCamera]) throws {
        self.recording = recording
        self.blur = blur
        self.cameras = cameras
        encoder = try StillEncoder()
        for (position, volume) in recording.volumes.enumerated() {
            for channel in volume.channels.values {
                let name = Topic.normalised(channel.topic)
                if let camera = cameras.firstIndex(where: { $0.topic.name == name }) { places[position, default: [:]][channel.id] = camera }
            }
        }
    }

    func channels(ofVolume volume: Int) -> Set<UInt16> { Set(places[volume, default: [:]].keys) }

    func change(of head: MessageHead, at location: MessageLocation, ofVolume volume: Int, _ data: RawSpan) throws -> MessageChange {
        guard let number = places[volume]?[head.channelID] else { return .kept }
        let camera = cameras[number]
        let place = PayloadLocation(message: location, volume: UInt16(volume))
        guard !camera.dropped.contains(place) else { return .dropped }
        if let video = camera.video {
            guard let unit = try video.unit(of: place) else { return .dropped }
            return try replaced(camera, number, place, volume, head, data.byteCount) { _, _ in unit }
        }
        guard let frame = camera.frames[place], let cover = camera.cover else { return .kept }
        let areas = cover.boxes(of: frame).map(\.area)
        return try replaced(camera, number, place, volume, head, data.byteCount) { image, bytes in
            let decoded = try decoder(number).decode(image, bytes)
            let turn = PictureTurn(image.orientation(bytes), width: decoded.width, height: decoded.height)
            let veiled = try decoded.covering(areas, blur, turn: turn)
            switch image.encoding {
            case .jpeg, .png: return try encoder.encode(veiled, like: image, bytes)
            case .raw(let raw):
                guard let layout = PixelLayout(rosEncoding: raw.encoding) else { return nil }
                var pixels = Array(bytes)
                try pixels.withUnsafeMutableBytes { try veiled.write(into: $0, layout: layout, step: raw.step) }
                return pixels
            default: return nil
            }
        }
    }

    /// A message with another picture; dropped where it cannot have one.
    private func replaced(
        _ camera: SurveyedCamera,
        _ number: Int,
        _ place: PayloadLocation,
        _ volume: Int,
        _ head: MessageHead,
        _ storedBytes: Int,
        _ picture: (ImagePayload, UnsafeRawBufferPointer) throws -> [UInt8]?
    ) throws -> MessageChange {
        let encoding = recording.volumes[volume].channels[head.channelID]?.messageEncoding ?? ""
        let reader = try readers[number] ?? TopicReader(recording, camera.topic)
        readers[number] = reader
        let changed = try recording.withPayload(of: camera.topic, at: place) { payload -> [UInt8]? in
            // Messages that the recorder compressed one by one would have to be compressed again.
            guard let serialisation = ImageSplice.Serialisation(messageEncoding: encoding), payload.count == storedBytes else { return nil }
            let image = try reader.image(in: payload)
            let splice = ImageSplice(serialisation)
            guard let made = try image.withBytes(in: payload, { try picture(image, $0) }) else { return nil }
            let isSame = made.count == image.count
            let padding = isSame ? 0 : splice.padding(of: image, in: payload, count: made.count)
            guard let padded = PicturePadding.pad(made, image.encoding, by: padding) else { return nil }
            if isSame {
                return splice.message(payload, changing: image) { target in target.copyBytes(from: padded) }
            }
            return splice.message(payload, replacing: image, by: padded)
        }
        guard let changed else {
            camera.dropped.insert(place)
            return .dropped
        }
        return .data(changed)
    }

    private func decoder(_ number: Int) -> PictureDecoder {
        let decoder = decoders[number] ?? PictureDecoder(topic: cameras[number].topic.name)
        decoders[number] = decoder
        return decoder
    }

    /// Says in a part what was done, lists it in the part's folder, and removes what is needed no more.
    func report<Detail>(in part: inout EncodedPart<Detail>, dataset: DatasetID, folder: String) throws {
        let table = try FaceBlurTable(folder: folder)
        var reports: [FaceBlurReport] = []
        for camera in cameras {
            try camera.video?.remove()
            guard let cover = camera.cover else { continue }
            try table.append(cover, dataset: dataset, topic: camera.topic.name) { camera.times.times[$0] }
            let leftOut = camera.dropped.count - camera.unwanted
            reports.append(FaceBlurReport(cover, dataset: dataset, topic: camera.topic.name, leftOut: leftOut))
            if leftOut > 0 {
                part.warnings.append(
                    Warning(
                        "face_blur_left_out",
                        "\(leftOut) of \(camera.times.locations.count) messages on \(camera.topic.name) could not be checked for faces or not be changed, and were left out.",
                        dataset: dataset
                    )
                )
            }
        }
        try table.finish()
        part.faceBlur = reports
    }
}
