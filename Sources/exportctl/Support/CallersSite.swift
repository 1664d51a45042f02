import Checksums
import Configuration
import ExportCore
import Files
import Glibc

extension SiteConfiguration {
    /// The site for work that the caller does without the daemon: the work folder and the cache are the site's where they
    /// are the caller's, else folders of the caller's own.
    ///
    /// A file of somebody else's in the daemon's folders would lock out the daemon.
    func forCaller() throws -> SiteConfiguration {
        var site = self
        if !Self.isCallers(work) { site.work = "\(try callersFolder())/work" }
        if !Self.isCallers(cache.path) { site.cache.path = "\(try callersFolder())/cache" }
        return site
    }

    private static func isCallers(_ folder: String) -> Bool {
        guard let status = try? FileSystem.status(of: folder) else { return false }
        return status.kind == .directory && status.user == geteuid()
    }

    /// Each site has its own, or two of them would take turns in throwing out each other's datasets.
    private func callersFolder() throws -> String {
        let site = try SHA256.digest(of: cache.path).hexadecimal.prefix(16)
        if let caches = Self.absolutePath(getenv("XDG_CACHE_HOME")) { return "\(caches)/exportd/\(site)" }
        guard let home = Self.absolutePath(getenv("HOME")) ?? Self.absolutePath(getpwuid(geteuid())?.pointee.pw_dir) else {
            throw ExportError(
                .ioError,
                "You have no home directory to work in.",
                hint: "Set XDG_CACHE_HOME to a folder of yours.",
                retryable: false
            )
        }
        return "\(home)/.cache/exportd/\(site)"
    }

    private static func absolutePath(_ text: UnsafePointer<CChar>?) -> String? {
        guard let text, text.pointee == CChar(bitPattern: UInt8(ascii: "/")) else { return nil }
        return String(cString: text)
    }
}
