import ExportCore
import Files
import Formats
import ImageSets
import Plans

/// The images that the report of an export shows: those of the package, so that no face is seen in it that is not seen there.
final class ReportPictures {
    private let files: [DatasetID: ImageFiles]
    private let look: ImageFaceLook?
    private let packaged: ((ExportedImage) -> String)?

    /// - Parameter path: where an image lies in the package.
    init(sets: [ExportedSet], contents: ImageContents, path: @escaping (ExportedImage) -> String) throws {
        files = Dictionary(sets.map { ($0.dataset.id, ImageFiles(folder: $0.dataset.setFolder)) }) { first, _ in first }
        let blur = contents.faceBlur
        packaged = blur != nil && contents.includesImages ? path : nil
        look = packaged == nil ? try blur.map { try ImageFaceLook($0) } : nil
    }

    /// An image's bytes; nil where it cannot be read, is too large, or cannot be checked for faces.
    func bytes(of image: ExportedImage) throws -> [UInt8]? {
        let most = ImageReportFile.mostBytes
        let file = packaged.map { try? OpenFile.reading($0(image)) } ?? (try? files[image.dataset]?.open(image.image.file))
        guard let bytes = try? file?.read(at: 0, count: most + 1), bytes.count <= most else { return nil }
        guard let look else { return bytes }
        switch try bytes.withUnsafeBytes({ try look.look(at: $0) }) {
        case .kept(let count): return Array(bytes[..<count])
        case .covered(let made, _): return made
        case .leftOut: return nil
        }
    }
}
