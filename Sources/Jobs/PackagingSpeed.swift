import Requests
import Synchronization

/// How fast packages were made last, for jobs that have not begun to package.
public final class PackagingSpeed: Sendable {
    /// What all jobs of this process share.
    public static let ofThisProcess = PackagingSpeed(weightPerSecond: 75_000_000, ofFolders: 250_000_000)

    private struct Speeds {
        var archives: Double
        var folders: Double
    }

    private let speeds: Mutex<Speeds>

    /// Speeds to begin with, in the progress meter's weights a second: half a byte each.
    ///
    /// An archive of 150 MB a second is what a core or two compress and hash; the files of a folder are only hashed.
    public init(weightPerSecond: Double = 75_000_000, ofFolders: Double? = nil) {
        speeds = Mutex(Speeds(archives: weightPerSecond, folders: ofFolders ?? weightPerSecond))
    }

    /// The speed of archives.
    public var weightPerSecond: Double { speeds.withLock { $0.archives } }

    /// The speed of one kind of package.
    func weightPerSecond(of package: ExportRequest.PackageKind) -> Double {
        speeds.withLock { package == .directory ? $0.folders : $0.archives }
    }

    /// Takes over what a job measures.
    func note(_ measured: Double, of package: ExportRequest.PackageKind) {
        guard measured.isFinite, measured > 0 else { return }
        speeds.withLock { speeds in
            if package == .directory { speeds.folders = measured } else { speeds.archives = measured }
        }
    }
}
