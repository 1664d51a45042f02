import Checksums
import ExportCore
import Files
import Sidecars

/// Whether the packages of a job are what was published.
enum PackageCheck {
    struct Finding {
        var isGood: Bool
        var message: String
    }

    /// One finding for each package.
    ///
    /// - Parameter folder: The job's folder in the outbox.
    static func findings(_ status: StatusDocument, folder: String) -> [Finding] {
        status.exports.compactMap { export in
            guard let file = export.file, let sha256 = export.sha256 else { return nil }
            let path = "\(folder)/\(file)"
            do {
                // Of a package that is a folder the sum is that of its manifest, which holds the sums of its files.
                let isFolder = try FileSystem.status(of: path).kind == .directory
                let summed = isFolder ? "\(path)/manifest.json" : path
                let found = try SHA256.digest(ofFile: summed).digest.hexadecimal
                let bytes = try FileSystem.treeBytes(path)
                guard found == sha256, export.bytes == nil || export.bytes == bytes else {
                    return Finding(
                        isGood: false,
                        message: "\(path) is not what was published: its SHA-256 is \(found) and it has \(bytes) bytes."
                    )
                }
                return Finding(isGood: true, message: "\(path) is whole.")
            } catch {
                return Finding(isGood: false, message: ExportError(error).message)
            }
        }
    }
}
