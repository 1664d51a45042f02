/// The keys of an annotation that the schema has; every other key is `other`.
enum AnnotationKey {
    case id
    case imageID
    case categoryID
    case type
    case box
    case point
    case polygons
    case polyline
    case keypoints
    case rotation
    case runs
    case mask
    case isCrowd
    case groupID
    case annotator
    case quality
    case review
    case createdAt
    case updatedAt
    case tags
    case attributes
    case other

    /// The key that stands at a place of the file.
    init(_ text: JSONScanner.Text, in scanner: JSONScanner) {
        func names(_ name: StaticString) -> Bool { scanner.key(text, is: name) }
        self =
            switch text.range.count {
            case 2 where names("id"): .id
            case 3 where names("rle"): .runs
            case 4 where names("type"): .type
            case 4 where names("bbox"): .box
            case 4 where names("mask"): .mask
            case 4 where names("tags"): .tags
            case 5 where names("point"): .point
            case 6 where names("review"): .review
            case 7 where names("quality"): .quality
            case 7 where names("iscrowd"): .isCrowd
            case 8 where names("image_id"): .imageID
            case 8 where names("polygons"): .polygons
            case 8 where names("polyline"): .polyline
            case 8 where names("rotation"): .rotation
            case 8 where names("group_id"): .groupID
            case 9 where names("keypoints"): .keypoints
            case 9 where names("annotator"): .annotator
            case 10 where names("created_at"): .createdAt
            case 10 where names("updated_at"): .updatedAt
            case 10 where names("attributes"): .attributes
            case 11 where names("category_id"): .categoryID
            default: .other
            }
    }
}

/// Reads the keys of annotations one after the other.
///
/// Most annotations of a file have the same keys, written the same way and in the same order, so that a key mostly is there before
/// it is looked for: what stands between two values is compared with what stood there in the annotation before.
struct AnnotationKeys {
    private static let most = 32

    /// What stood between the values of the annotation before, from the end of one to the beginning of the next.
    private var known: [(place: Int, length: Int, key: AnnotationKey)] = []
    private var position = 0

    /// Begins an annotation, behind its opening bracket.
    mutating func begin() { position = 0 }

    /// The next key, with the place at its value; nil behind the annotation's end.
    @inline(__always)
    mutating func next(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) -> AnnotationKey? {
        if position < known.count {
            let start = scanner.offset
            let (place, length, key) = known[position]
            if scanner.skip(sameAs: place, length: length) {
                known[position].place = start
                position += 1
                return key
            }
        }
        return try lookedFor(&scanner)
    }

    private mutating func lookedFor(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) -> AnnotationKey? {
        let start = scanner.offset
        var isFirst = position == 0
        guard let text = try scanner.nextKey(isFirst: &isFirst) else { return nil }
        let key = AnnotationKey(text, in: scanner)
        let piece = (start, scanner.offset - start, key)
        if position < known.count {
            known[position] = piece
        } else if position < Self.most {
            known.append(piece)
        }
        position += 1
        return key
    }
}

extension JSONScanner {
    /// Skips bytes that are those of another place before this one; false, with the place where it was, where they differ.
    @inline(__always)
    mutating func skip(sameAs place: Int, length: Int) -> Bool {
        guard length <= count - offset else { return false }
        var index = 0
        while length - index >= 8 {
            let one = UnsafeRawPointer(bytes + (offset + index)).loadUnaligned(as: UInt64.self)
            let other = UnsafeRawPointer(bytes + (place + index)).loadUnaligned(as: UInt64.self)
            guard one == other else { return false }
            index += 8
        }
        while index < length {
            guard bytes[offset + index] == bytes[place + index] else { return false }
            index += 1
        }
        offset += length
        return true
    }
}
