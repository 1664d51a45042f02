/// Takes a camera's frames in order of time and says, once all are there, which rectangles of which frames show a face.
///
/// Detectors look a few times a second. Between their looks every face that was seen is followed from frame to frame, forwards
/// from where it was seen to the next look and backwards from there to the look before; a face that is found for the first time
/// is followed back for more than half a second, and one that is not found any more is covered for at least as long. All
/// rectangles that this gives for one face in one frame count. Memory holds small pictures of the last second or less.
///
/// Used by one thread at a time.
public final class FaceTracker {
    /// The longer side of the pictures in which faces are followed.
    private static let smallSide = 320
    /// So many of them are kept at most, whatever a camera's rate.
    private static let mostKept = 160
    /// Likeness from one frame to the next below which a face counts as lost.
    private static let leastLikeness: Float = 0.55
    /// Mean difference of a block of pixels from which a picture counts as changed, in grey levels.
    private static let leastChange = 4

    private let search: FaceSearch
    /// So long a track counts as checked for whether it shows through its veil.
    private static let checkInterval: Int64 = 900_000_000

    private let finder: FaceFinder
    private let check: VeilCheck?
    private let follower = PatchFollower()
    /// The last frames, small.
    private var kept: [Kept] = []
    private var tracks: [Track] = []
    private var nextTrack = 0
    /// Rectangles of frames that are still kept, by track.
    private var open: [Int: [Int: Covered]] = [:]
    private var covered: [(track: Int, frame: Int, box: FaceBox, isTracked: Bool)] = []
    /// When it was last looked for through the veil, by track.
    private var checkedTracks: [Int: Int64] = [:]
    /// Tracks that were found through the veil.
    private var filled: Set<Int> = []
    private var checked: [ClosedRange<Int>] = []
    private var looks = 0
    /// How many looks in a row were at pictures in which nothing had changed.
    private var stillLooks = 0
    /// When detectors looked last, and at what.
    private var lastLook: (time: Int64, frame: Int, small: GrayImage)?
    /// The size of the pictures, and how many of their pixels are one of a small picture.
    private var size: (width: Int, height: Int)?
    private var factor = 1

    private struct Kept {
        let frame: Int
        let time: Int64
        let small: GrayImage
    }

    /// A face on its way, in pixels of the small pictures.
    private struct Track {
        let number: Int
        var box: FaceBox
        var drift: (x: Float, y: Float) = (0, 0)
        /// When a detector saw it last.
        var seen: Int64
        /// When following it went wrong; nil while it goes well.
        var lost: Int64?
        /// Whether it was seen by one look only, which may have taken something else for a face.
        var isSeenOnce = true
    }

    private struct Covered {
        var box: FaceBox
        var isTracked: Bool
    }

    /// Opens the detectors.
    ///
    /// - Parameter check: how faces will be covered, so that those are filled that are found nevertheless; nil where that is not asked.
    /// - Throws: `FaceError` where one cannot be opened.
    public init(_ search: FaceSearch, check: VeilCheck? = nil) throws(FaceError) {
        self.search = search
        self.check = check
        finder = try FaceFinder(search)
    }

    /// Takes the next frame.
    ///
    /// - Parameters:
    ///   - frame: its number, larger than that of the frame before.
    ///   - time: nanoseconds, not before the time of the frame before.
    ///   - isLast: whether no frame follows, so that detectors look at it in any case.
    /// - Throws: `FaceError` where it cannot be looked at, and what decoding it throws; it does not count as checked then.
    public func add(_ frame: Int, time: Int64, picture: some FacePicture, isLast: Bool = false) throws {
        let size = try picture.size()
        let factor = max(1, (max(size.width, size.height) + Self.smallSide - 1) / Self.smallSide)
        let small = try picture.gray(smallerBy: factor)
        // What is kept is in the measure of the pictures before.
        if let seen = self.size, seen != size { try forget() }
        (self.size, self.factor) = (size, factor)
        if let last = kept.last, time - last.time > FaceSearch.leastHold { try forget() }
        drop(before: time)
        let before = kept.last
        let isCut = before.map { isAnotherScene($0.small, small) } ?? true
        if isCut { try lookBack() }
        kept.append(Kept(frame: frame, time: time, small: small))
        if let before { try followAll(from: before, to: kept[kept.count - 1]) }
        guard isCut || isLast || isDue(time) else { return note(frame) }
        // What the pictures to come are compared with: a change may also be slow.
        var looked = small
        if !isCut, !isLast, let lastLook, small.largestChange(from: lastLook.small) < Self.leastChange {
            // What was there is there still, and what no detector found would not be found now.
            for index in tracks.indices where tracks[index].lost == nil { tracks[index].seen = time }
            self.lastLook = (time, frame, lastLook.small)
            stillLooks += 1
            guard stillLooks < finder.turnCount else { return note(frame) }
            looked = lastLook.small
        } else {
            stillLooks = isCut ? finder.turnCount : 0
        }
        let found = try finder.faces(in: picture, turn: isCut || isLast ? nil : looks)
        looks += 1
        lastLook = (time, frame, looked)
        for face in found { try take(face.scaled(by: 1 / Float(factor)), at: kept.count - 1) }
        try lookThroughVeil(of: kept[kept.count - 1]) { try picture.gray(smallerBy: 1) }
        note(frame)
    }

    /// What is to be covered in all frames.
    ///
    /// - Throws: `FaceError` where the last one cannot be looked at.
    public func finish() throws -> FaceCover {
        try forget()
        return FaceCover(
            entries: covered.map { entry in
                let area = FaceArea(box: entry.box, isFilled: filled.contains(entry.track))
                return FaceCover.Entry(frame: entry.frame, area: area, isTracked: entry.isTracked)
            },
            checked: checked,
            looks: looks,
            detector: finder.name
        )
    }

    private func note(_ frame: Int) {
        if let last = checked.last, last.upperBound + 1 == frame {
            checked[checked.count - 1] = last.lowerBound...frame
        } else {
            checked.append(frame...frame)
        }
    }

    private func isDue(_ time: Int64) -> Bool {
        guard let lastLook else { return true }
        return time - lastLook.time >= search.interval || time < lastLook.time
    }

    /// Looks at the last frame where nobody did: nothing that follows could make good what would be missed there.
    ///
    /// Of the frame there is the small picture only.
    private func lookBack() throws {
        guard let last = kept.last, last.frame != lastLook?.frame else { return }
        let large = try last.small.resized(width: last.small.width * factor, height: last.small.height * factor)
        let found = try finder.faces(in: large, turn: nil)
        looks += 1
        for face in found { try take(face.scaled(by: 1 / Float(factor)), at: kept.count - 1) }
        try lookThroughVeil(of: last) { large }
    }

    /// Looks at the faces of a frame once more, as they will be covered, and remembers those that are found nevertheless.
    private func lookThroughVeil(of frame: Kept, _ picture: () throws -> GrayImage) throws {
        guard let check, let faces = open[frame.frame]?.sorted(by: { $0.key < $1.key }) else { return }
        let due = faces.indices.filter { place in
            let track = faces[place].key
            guard !filled.contains(track) else { return false }
            return checkedTracks[track].map { frame.time - $0 >= Self.checkInterval } ?? true
        }
        guard !due.isEmpty else { return }
        let areas = faces.map { track, face in
            FaceArea(box: face.box.scaled(by: Float(factor)).withMargin, isFilled: filled.contains(track))
        }
        for place in try check.seenThrough(due, of: areas, in: try picture(), by: finder) { filled.insert(faces[place].key) }
        for place in due { checkedTracks[faces[place].key] = frame.time }
    }

    /// Whether nothing of what was seen before can be followed any further.
    private func isAnotherScene(_ before: GrayImage, _ now: GrayImage) -> Bool {
        var sum = 0
        var count = 0
        for index in stride(from: 0, to: min(before.pixels.count, now.pixels.count), by: 29) {
            sum += abs(Int(before.pixels[index]) - Int(now.pixels[index]))
            count += 1
        }
        return sum > 28 * max(count, 1)
    }
}

// MARK: - Following faces

extension FaceTracker {
    private func followAll(from before: Kept, to now: Kept) throws {
        var left: [Track] = []
        for var track in tracks {
            let age = now.time - track.seen
            let hold = track.isSeenOnce ? search.holdOfOneLook : search.longestHold
            guard age <= FaceSearch.leastHold || track.lost == nil && age <= hold else { continue }
            let step = track.lost == nil ? try follower.follow(track.box, from: before.small, to: now.small, drift: track.drift) : nil
            if let step, step.likeness >= Self.leastLikeness {
                let moved = (x: step.box.x - track.box.x, y: step.box.y - track.box.y)
                track.drift = ((track.drift.x + moved.x) / 2, (track.drift.y + moved.y) / 2)
                track.box = step.box
            } else {
                // It is covered where it was on its way to, and more around it as time goes by.
                track.lost = track.lost ?? now.time
                track.box = track.box.moved(track.drift.x, track.drift.y).grown(by: growth(now.time - before.time))
            }
            guard reaches(track.box, now.small) else { continue }
            cover(now.frame, track.number, track.box, isTracked: true)
            left.append(track)
        }
        tracks = left
    }

    /// Takes a face that a detector saw in a kept frame, the last one.
    private func take(_ box: FaceBox, at place: Int) throws {
        let now = kept[place]
        var track = Track(number: nextTrack, box: box, seen: now.time)
        var since = now.time - FaceSearch.leastHold
        if let known = tracks.firstIndex(where: { $0.box.isNear(box) }) {
            let isSameLook = tracks[known].seen == now.time
            track = Track(
                number: tracks[known].number,
                box: box,
                drift: tracks[known].drift,
                seen: now.time,
                isSeenOnce: tracks[known].isSeenOnce && isSameLook
            )
            since = tracks[known].lost.map { max(since, $0 - FaceSearch.leastHold / 2) } ?? max(since, tracks[known].seen)
            tracks[known] = track
        } else {
            nextTrack += 1
            tracks.append(track)
        }
        cover(now.frame, track.number, box, isTracked: false)
        try followBack(track, from: place, since: since)
    }

    private func followBack(_ track: Track, from place: Int, since: Int64) throws {
        var box = track.box
        var drift = (x: -track.drift.x, y: -track.drift.y)
        var isLost = false
        for earlier in (0..<place).reversed() {
            guard kept[earlier].time >= since else { return }
            let step = isLost ? nil : try follower.follow(box, from: kept[earlier + 1].small, to: kept[earlier].small, drift: drift)
            if let step, step.likeness >= Self.leastLikeness {
                let moved = (x: step.box.x - box.x, y: step.box.y - box.y)
                drift = ((drift.x + moved.x) / 2, (drift.y + moved.y) / 2)
                box = step.box
            } else {
                isLost = true
                box = box.moved(drift.x, drift.y).grown(by: growth(kept[earlier + 1].time - kept[earlier].time))
            }
            guard reaches(box, kept[earlier].small) else { return }
            cover(kept[earlier].frame, track.number, box, isTracked: true)
        }
    }

    /// How much a rectangle grows in some nanoseconds in which its face is out of sight: it is about twice as wide after `leastHold`,
    /// whatever the camera's rate.
    private func growth(_ time: Int64) -> Float {
        1 + 0.69 * Float(max(time, 0)) / Float(FaceSearch.leastHold)
    }

    private func reaches(_ box: FaceBox, _ image: GrayImage) -> Bool {
        box.x < Float(image.width) && box.y < Float(image.height) && box.x + box.width > 0 && box.y + box.height > 0
    }

    private func cover(_ frame: Int, _ track: Int, _ box: FaceBox, isTracked: Bool) {
        let known = open[frame]?[track]
        open[frame, default: [:]][track] = Covered(
            box: known.map { $0.box.union(box) } ?? box,
            isTracked: known.map { $0.isTracked && isTracked } ?? isTracked
        )
    }
}

// MARK: - Frames that are done

extension FaceTracker {
    /// Another scene or another size: nothing is followed from here on.
    private func forget() throws {
        try lookBack()
        flush(kept.count)
        kept = []
        tracks = []
        lastLook = nil
    }

    /// Drops frames that no face is followed back to any more.
    private func drop(before time: Int64) {
        let old = kept.prefix { time - $0.time > FaceSearch.leastHold + search.interval }.count
        let surplus = max(old, kept.count - Self.mostKept + 1)
        guard surplus > 0 else { return }
        flush(surplus)
        kept.removeFirst(surplus)
    }

    private func flush(_ count: Int) {
        for kept in kept.prefix(count) {
            guard let faces = open.removeValue(forKey: kept.frame) else { continue }
            for (track, face) in faces.sorted(by: { $0.key < $1.key }) {
                covered.append((track, kept.frame, face.box.scaled(by: Float(factor)).withMargin, face.isTracked))
            }
        }
    }
}
