import Requests
import Synchronization

/// How fast packages were made last, for jobs that have not begun to package.
public final class PackagingSpeed: Sendable {
    /// What all jobs of this process share.
    public static let ofThisProcess = PackagingSpeed(weightPerSecond: 75_000_000, ofFolders: 250_000_000)

    private struct Speeds {
        var archives: Double
        var folders: Double
        /// What was measured and has not been kept yet.
        var news: Set<ExportRequest.PackageKind> = []

        subscript(package: ExportRequest.PackageKind) -> Double {
            get { package == .directory ? folders : archives }
            set { if package == .directory { folders = newValue } else { archives = newValue } }
        }
    }

    private let speeds: Mutex<Speeds>

    /// Speeds to begin with, in the progress meter's weights a second: half a byte each.
    ///
    /// An archive of 150 MB a second is what a core or two compress and hash; the files of a folder are only hashed.
    public init(weightPerSecond: Double = 75_000_000, ofFolders: Double? = nil) {
        speeds = Mutex(Speeds(archives: weightPerSecond, folders: ofFolders ?? weightPerSecond))
    }

    /// The speed of archives.
    public var weightPerSecond: Double { weightPerSecond(of: .tarGzip) }

    /// The speed of one kind of package.
    func weightPerSecond(of package: ExportRequest.PackageKind) -> Double {
        speeds.withLock { $0[package] }
    }

    /// Takes over what a job measures.
    func note(_ measured: Double, of package: ExportRequest.PackageKind) {
        guard Self.isSpeed(measured) else { return }
        speeds.withLock { speeds in
            speeds[package] = measured
            speeds.news.insert(package)
        }
    }

    // MARK: From one run of the daemon to the next

    private static let name = "package "

    /// Takes over what an earlier process kept.
    func restore(_ kept: [String: Double]) {
        speeds.withLock { speeds in
            for package in [ExportRequest.PackageKind.tarGzip, .directory] {
                if let speed = kept[Self.name + package.rawValue], Self.isSpeed(speed) { speeds[package] = speed }
            }
        }
    }

    /// What was measured since the last call, to be kept.
    func takeNews() -> [String: Double] {
        speeds.withLock { speeds in
            defer { speeds.news = [] }
            return Dictionary(uniqueKeysWithValues: speeds.news.map { (Self.name + $0.rawValue, speeds[$0]) })
        }
    }

    private static func isSpeed(_ number: Double) -> Bool {
        number.isFinite && number > 0
    }
}
