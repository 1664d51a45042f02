import CFFmpeg
public import ExportCore
import Glibc

/// A video that could not be made, joined or read.
public enum VideoError: Error, Hashable, Sendable {
    /// A frame is not of the size that the video has, both in pixels.
    case frameSize(expectedWidth: Int, expectedHeight: Int, foundWidth: Int, foundHeight: Int)
    /// What was given cannot be made into the video that was asked for; a sentence says why and what to do.
    case unsuitable(String)
    /// A picture could not be converted.
    case picture(MediaError)
    /// A file could not be written; `errno` is the kernel's number where it was the kernel that refused.
    case writing(path: String, reason: String, errno: Int32?)
    /// A file could not be read or is no video.
    case reading(path: String, reason: String)
    /// A codec refused, or found a picture damaged.
    case codec(MediaError)

    /// A file that the library could not write.
    static func writing(_ path: String, code: Int32) -> VideoError {
        // The library's codes are the kernel's numbers below zero, or four letters, which are far below.
        let number = code > -4096 && code < 0 ? -code : nil
        return .writing(path: path, reason: MediaError.words(code), errno: number)
    }

    /// A file that the library could not read.
    static func reading(_ path: String, code: Int32) -> VideoError {
        .reading(path: path, reason: MediaError.words(code))
    }
}

extension MediaError {
    /// The library's words for one of its codes.
    static func words(_ code: Int32) -> String {
        var words = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
        av_strerror(code, &words, words.count)
        return String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension VideoError: CustomStringConvertible {
    /// A sentence: what could not be done, and why.
    public var description: String {
        switch self {
        case .frameSize(let expectedWidth, let expectedHeight, let foundWidth, let foundHeight):
            "A frame of \(foundWidth)×\(foundHeight) pixels cannot go into a video of \(expectedWidth)×\(expectedHeight)."
        case .unsuitable(let sentence): sentence
        case .picture(let error), .codec(let error): error.description
        case .writing(let path, let reason, _): "Could not write \(path): \(reason)."
        case .reading(let path, let reason): "Could not read the video \(path): \(reason)."
        }
    }
}

extension VideoError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        switch self {
        case .frameSize, .unsuitable, .reading: ExportError(.datasetUnreadable, description)
        case .picture(let error): error.exportError
        case .codec: ExportError(.internal, description)
        case .writing(let path, _, let number):
            switch number {
            case ENOSPC, EDQUOT, EFBIG:
                ExportError(
                    .storageFull,
                    description,
                    hint: "Free some space or enlarge the file system; the job can then be retried.",
                    location: .init(file: path)
                )
            default: ExportError(.ioError, description, location: .init(file: path))
            }
        }
    }
}
