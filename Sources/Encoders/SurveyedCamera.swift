import Faces
import Files
import Recordings

/// What was found in the messages of one camera.
final class SurveyedCamera {
    let topic: Topic
    let times: MessageTimes
    /// What is covered, by the messages' places in order of time.
    var cover: FaceCover?
    /// The messages that are written with another picture, because they show a face or hold more than what was looked at, with their
    /// places in order of time.
    private(set) var frames: [PayloadLocation: Int] = [:]
    /// Messages that could not be looked at and are not written.
    var dropped: Set<PayloadLocation> = []
    /// How many of these lie where nothing is taken, so that nobody misses them.
    var unwanted = 0
    /// Messages of a video that hold no picture, such as parameter sets alone.
    var withoutPicture: Set<PayloadLocation> = []
    /// The video anew, where a face is in it.
    var video: SpooledUnits?

    init(topic: Topic, times: MessageTimes) {
        self.topic = topic
        self.times = times
    }

    /// Takes what the tracker found.
    func note(_ cover: FaceCover) {
        self.cover = cover
        for entry in cover.entries { frames[times.locations[entry.frame]] = entry.frame }
    }

    /// Makes sure that of a message no more is written than the picture that was looked at.
    func renew(_ place: Int) {
        frames[times.locations[place]] = place
    }
}

/// The access units of a video that was encoded anew, in a file until they are written.
final class SpooledUnits {
    private let path: String
    private let file: OpenFile
    private var places: [PayloadLocation: Range<Int64>] = [:]
    private var end: Int64 = 0

    init(path: String) throws(FileError) {
        self.path = path
        file = try .creating(path)
    }

    func append(_ bytes: [UInt8], for location: PayloadLocation) throws(FileError) {
        try file.write(bytes)
        places[location] = end..<end + Int64(bytes.count)
        end += Int64(bytes.count)
    }

    /// The unit of a message; nil where it has none.
    func unit(of location: PayloadLocation) throws(FileError) -> [UInt8]? {
        guard let place = places[location] else { return nil }
        return try OpenFile.reading(path).read(at: place.lowerBound, count: Int(place.count))
    }

    /// Removes the file.
    func remove() throws(FileError) {
        try FileSystem.removeFile(path)
    }
}
