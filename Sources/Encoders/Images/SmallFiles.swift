import Bundles

/// Takes a format's files that are small and many: one or more for each image, and further names of images.
struct SmallFiles {
    private let bundle: BundleWriter
    /// The format's own folder in the package, with a slash behind it; empty for the package itself.
    private let folder: String

    init(_ bundle: BundleWriter, below folder: String = "") {
        self.bundle = bundle
        self.folder = folder
    }

    /// The files of a format that has a folder of its own in the package.
    func below(_ name: String) -> SmallFiles { SmallFiles(bundle, below: "\(folder)\(name)/") }

    /// Adds a file.
    ///
    /// - Parameter path: below the format's folder, and no other file's.
    func add(_ path: String, _ bytes: [UInt8]) throws {
        try bundle.add(folder + path, bytes)
    }

    /// Gives a file a further name.
    ///
    /// - Parameters:
    ///   - path: below the format's folder, and no other file's.
    ///   - target: the file's path in the package.
    func link(_ path: String, to target: String) throws {
        try bundle.link(folder + path, to: target)
    }
}
