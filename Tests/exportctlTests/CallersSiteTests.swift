import Configuration
import Files
import Glibc
import Testing

@testable import exportctl

@Suite struct `The site for work without the daemon` {
    /// A site with a work folder and a cache that belong to an account.
    private func site(ownedBy user: uid_t, _ body: (SiteConfiguration) throws -> Void) throws {
        let name = try #require(strdup("/tmp/exportctl-tests-XXXXXX"))
        defer { free(name) }
        let root = String(cString: try #require(mkdtemp(name)))
        defer { try? FileSystem.removeTree(root) }
        for folder in ["work", "cache"] {
            try FileSystem.makeDirectories("\(root)/\(folder)")
            try #require(chown("\(root)/\(folder)", user, gid_t.max) == 0)
        }
        let text = "spool: spool\nwork: work\ncache: {path: cache}\n"
        try body(try SiteConfiguration.parse(Array(text.utf8), fileName: "exportd.yaml", folder: root))
    }

    @Test func `uses work folder and cache where they are the caller's`() throws {
        try site(ownedBy: geteuid()) { site in
            let mine = try site.forCaller()
            #expect(mine == site)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `leaves those of another account alone, and keeps sites apart`() throws {
        try site(ownedBy: 12_345) { first in
            try site(ownedBy: 12_345) { second in
                let (mine, other) = (try first.forCaller(), try second.forCaller())
                #expect(mine.work != first.work && mine.cache.path != first.cache.path)
                #expect(mine.cache.path != other.cache.path && mine.work != other.work && mine.work != mine.cache.path)
                #expect(mine.spool == first.spool && mine.ledger == first.ledger && mine.cache.maximumBytes == first.cache.maximumBytes)
            }
        }
    }

    @Test func `makes nothing that a daemon of another account would stumble over`() throws {
        let site = try exportctlTests.site("/nowhere/spool")
        let mine = try site.forCaller()
        #expect(!mine.work.hasPrefix("/nowhere") && !mine.cache.path.hasPrefix("/nowhere"))
    }
}
