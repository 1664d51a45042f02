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

/// Looks for faces in all camera messages of a recording before any of them is written.
struct MessageSurvey {
    private let dataset: PlannedDataset
    private let selection: MessageSelection
    private let blur: FaceBlur
    private let context: PartContext

    init(_ dataset: PlannedDataset, _ selection: MessageSelection, _ blur: FaceBlur, in context: PartContext) {
        self.dataset = dataset
        self.selection = selection
        self.blur = blur
        self.context = context
    }

    /// What one thread found.
    private final class Findings {
        var cameras: [Int: SurveyedCamera] = [:]
    }

    /// Looks at all cameras whose messages are taken, several of them side by side.
    ///
    /// - Throws: a failure to read the recording, or of the detectors; `CancellationError`.
    func survey() throws -> MessageBlur {
        let recording = try Recording(volumes: dataset.volumePaths, scratch: context.scratch, cancellation: context.cancellation)
        let taken = Set(
            recording.volumes.flatMap { volume in
                volume.channels.values.filter { selection.topics.takes($0.topic) }.map { Topic.normalised($0.topic) }
            }
        )
        let topics = recording.topics.filter { taken.contains($0.name) && ($0.content.isImage || recording.mayHidePictures($0)) }
        let lanes = max(1, min(context.threads, topics.count))
        let findings = (0..<lanes).map { _ in Findings() }
        let next = Counter()
        try Lanes.run(findings) { findings in
            let own = try Recording(volumes: dataset.volumePaths, scratch: context.scratch, cancellation: context.cancellation)
            while case let number = next.increment() - 1, topics.indices.contains(number) {
                findings.cameras[number] = try survey(topics[number], number, of: own)
            }
        }
        let cameras = findings.reduce(into: [:]) { $0.merge($1.cameras) { first, _ in first } }
        return try MessageBlur(recording, blur, cameras: topics.indices.compactMap { cameras[$0] })
    }

    private func survey(_ topic: Topic, _ number: Int, of recording: Recording) throws -> SurveyedCamera {
        let tracker = try FaceTracker(blur.search, check: blur.check)
        let times = try recording.index(of: topic, clock: .logTime)
        let camera = SurveyedCamera(topic: topic, times: times)
        guard topic.isDecodable, topic.content.isImage else {
            // Nobody knows what such messages show.
            camera.dropped = Set(times.locations)
            camera.cover = try tracker.finish()
            return camera
        }
        let reader = try TopicReader(recording, topic)
        if let codec = try videoCodec(recording, topic, reader, times) {
            try surveyVideo(recording, camera, reader, codec, tracker, number)
        } else {
            try surveyStills(recording, camera, reader, tracker)
        }
        return camera
    }

    /// How a camera's messages are coded, by the first that holds a picture; nil where each stands alone.
    private func videoCodec(_ recording: Recording, _ topic: Topic, _ reader: TopicReader, _ times: MessageTimes) throws -> VideoCodec? {
        for location in times.locations {
            try context.cancellation.check()
            let encoding = try? recording.withPayload(of: topic, at: location) { try reader.image(in: $0).encoding }
            if let encoding, encoding != .unknown { return encoding.videoCodec }
        }
        return nil
    }
}

// MARK: - Pictures that stand alone

extension MessageSurvey {
    /// What a message is to a detector.
    private enum Sight {
        /// A picture, which the tracker took, and whether it is all that is there.
        case seen(isAlone: Bool)
        /// Depth, in which nobody can be recognised.
        case depth
        /// Nothing that can be looked at.
        case unknown
    }

    private func surveyStills(_ recording: Recording, _ camera: SurveyedCamera, _ reader: TopicReader, _ tracker: FaceTracker) throws {
        let decoder = PictureDecoder(topic: camera.topic.name)
        let wanted = wantedPlaces(recording, camera)
        for place in wanted {
            try context.cancellation.check()
            let location = camera.times.locations[place]
            let sight = try sight(recording, camera.topic, location, reader, decoder) { picture in
                try tracker.add(place, time: camera.times.times[place], picture: picture, isLast: place == wanted.last)
            }
            switch sight {
            case .unknown: camera.dropped.insert(location)
            case .seen(isAlone: false): camera.renew(place)
            case .seen, .depth: break
            }
        }
        if wanted.count < camera.times.locations.count {
            let known = Set(wanted)
            // What was not looked at is not wanted; should it turn up all the same, it is not let through.
            camera.dropped.formUnion(camera.times.locations.indices.filter { !known.contains($0) }.map { camera.times.locations[$0] })
            camera.unwanted = camera.times.locations.count - wanted.count
        }
        camera.note(try tracker.finish())
    }

    private func sight(
        _ recording: Recording,
        _ topic: Topic,
        _ location: PayloadLocation,
        _ reader: TopicReader,
        _ decoder: PictureDecoder,
        _ look: (SeenPicture) throws -> Void
    ) throws -> Sight {
        do {
            return try recording.withPayload(of: topic, at: location) { payload -> Sight in
                let image = try reader.image(in: payload)
                switch image.encoding {
                case .compressedDepth: return .depth
                case .raw(let raw) where raw.isDepth: return .depth
                case .raw(let raw) where PixelLayout(rosEncoding: raw.encoding) == nil: return .unknown
                case .avif, .video, .unknown: return .unknown
                case .jpeg, .png, .webp, .raw:
                    return try image.withBytes(in: payload) { bytes in
                        try look(SeenPicture(image, bytes, decoder: decoder))
                        return .seen(isAlone: image.isAlone(bytes))
                    }
                }
            }
        } catch let error as RecordingError where !error.isCancellation {
            return .unknown
        } catch is UnusableSample {
            return .unknown
        } catch is MediaError {
            return .unknown
        }
    }

    /// The messages that may be written, and those shortly before and after: by their places in order of time.
    private func wantedPlaces(_ recording: Recording, _ camera: SurveyedCamera) -> [Int] {
        let all = Array(camera.times.locations.indices)
        // The last message of such a topic is repeated wherever playing begins.
        guard selection.time != .recording, !camera.topic.isLatched, let range = recording.range else { return all }
        let recorded = UInt64(clamping: range.start.nanoseconds)...UInt64(clamping: max(range.start.nanoseconds, range.end.nanoseconds))
        let margin: UInt64 = 600_000_000
        let windows = TimeWindows(
            TimeWindows(selection.time, segments: dataset.segments, recorded: recorded).ranges.map { range in
                let start = range.lowerBound > margin ? range.lowerBound - margin : 0
                let (end, overflow) = range.upperBound.addingReportingOverflow(margin)
                return start...(overflow ? .max : end)
            }
        )
        return all.filter { windows.contains(UInt64(clamping: camera.times.times[$0])) }
    }
}

// MARK: - Video

extension MessageSurvey {
    private func surveyVideo(
        _ recording: Recording,
        _ camera: SurveyedCamera,
        _ reader: TopicReader,
        _ codec: VideoCodec,
        _ tracker: FaceTracker,
        _ number: Int
    ) throws {
        let locations = camera.times.locations
        var contents: [VideoAccessUnit] = []
        for location in locations {
            try context.cancellation.check()
            let content = try? recording.withPayload(of: camera.topic, at: location) { payload -> VideoAccessUnit? in
                let image = try reader.image(in: payload)
                guard image.encoding == .video(codec) else { return nil }
                // Of several pictures a decoder shows one, and nobody looks at the others.
                return image.withBytes(in: payload) { bytes in
                    VideoAccessUnit.beginnings(bytes, codec).map { $0 > 1 } ?? false ? nil : VideoAccessUnit(bytes, codec: codec)
                }
            }
            if let content {
                contents.append(content)
                if !content.hasPicture { camera.withoutPicture.insert(location) }
            } else {
                contents.append(VideoAccessUnit())
                camera.dropped.insert(location)
            }
        }
        let video: VideoReader
        do {
            video = try VideoReader(recording, camera.topic, codec: codec, locations: locations, cancellation: context.cancellation)
        } catch let error as ExportError where error.code == .datasetUnreadable {
            camera.dropped.formUnion(locations.indices.filter { contents[$0].hasPicture }.map { locations[$0] })
            camera.note(try tracker.finish())
            return
        }
        let shown = video.samples.indices.filter { contents[video.samples[$0]].hasPicture }
        camera.dropped.formUnion(locations[..<(video.samples.first ?? 0)].filter { !camera.withoutPicture.contains($0) })
        var decodable: [Int] = []
        for sample in shown {
            let unit = video.samples[sample]
            do {
                let picture = SeenPicture(try video.picture(ofSample: sample))
                try tracker.add(unit, time: camera.times.times[unit], picture: picture, isLast: sample == shown.last)
                decodable.append(sample)
            } catch is UnusableSample {
                camera.dropped.insert(locations[unit])
            }
        }
        camera.dropped.formUnion(video.crowded.map { locations[$0] })
        camera.note(try tracker.finish())
        guard !camera.frames.isEmpty else { return }
        camera.video = try encode(decodable, of: video, camera, contents, codec, number)
    }

    /// Encodes a video whose pictures change, with key frames where it had them.
    private func encode(
        _ samples: [Int],
        of video: VideoReader,
        _ camera: SurveyedCamera,
        _ contents: [VideoAccessUnit],
        _ codec: VideoCodec,
        _ number: Int
    ) throws -> SpooledUnits {
        let times = camera.times.times
        let span = Double((times.last ?? 0) - (times.first ?? 0)) / 1e9
        let rate = span > 0 ? Int((Double(times.count - 1) / span).rounded()) : 30
        let encoder = try AccessUnitEncoder(codec.decoder, framesPerSecond: rate)
        let units = try SpooledUnits(path: "\(context.folder)/faces_\(number).units")
        for sample in samples {
            let unit = video.samples[sample]
            let picture = try video.picture(ofSample: sample)
            let areas = camera.cover.map { $0.boxes(of: unit).map(\.area) } ?? []
            let veiled = areas.isEmpty ? picture : try picture.covering(areas, blur)
            let bytes = try encoder.encode(veiled, isKeyFrame: contents[unit].isKeyFrame)
            try units.append(bytes, for: camera.times.locations[unit])
        }
        return units
    }
}

extension TopicContent {
    fileprivate var isImage: Bool {
        if case .image = self { true } else { false }
    }
}

extension RawImage {
    /// Whether its values are distances.
    var isDepth: Bool { ["16UC1", "32FC1", "64FC1", "16SC1", "32SC1"].contains(encoding) }
}
