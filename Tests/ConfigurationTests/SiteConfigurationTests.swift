import ExportCore
import Fields
import Files
import Formats
import Testing

@testable import Configuration

private func parse(_ text: String, folder: String = "/etc/exportd") throws(ExportError) -> SiteConfiguration {
    try SiteConfiguration.parse(Array(text.utf8), fileName: "exportd.yaml", folder: folder)
}

@Suite struct `The configuration` {
    @Test func `has a default for everything`() throws {
        let site = try parse("", folder: "/srv")
        #expect(site.spool == "/srv/spool")
        #expect(site.stores == ["/srv/examples/store"])
        #expect(site.ledger == "/srv/spool/.state/ledger.sqlite")
        #expect(site.work == "/srv/spool/.state/work")
        #expect(site.cache.path == "/srv/spool/.state/cache")
        #expect(site.cache.maximumBytes == 10_737_418_240)
        #expect(site.catalog == "/srv/spool/.state/cache/catalog.sqlite")
        #expect(site.workers == 2 && site.retries == 3 && site.settle == .seconds(2) && site.rescan == nil)
        #expect(!site.allowNetworkLedger)
    }

    @Test func `without a file lies below the working directory`() throws {
        let site = try SiteConfiguration.load(nil)
        #expect(site.spool.hasPrefix("/") && site.spool.hasSuffix("/spool") && !site.spool.contains("/./"))
    }

    @Test func `is read as it says, its paths relative to its folder`() throws {
        let site = try parse(
            """
            spool: ./spool/
            stores: [/mnt/store, ../b]
            ledger: /var/lib/exportd/ledger.sqlite
            work: /fast//work
            cache: {path: cache, max_bytes: 2TiB}
            workers: 4
            rescan: 500ms
            settle: 3s
            retries: 0
            robots: {demo_arm: {mapping: {observation.state: [{topic: /joint_states, field: position}]}}}
            limits: {max_request_bytes: 64KiB, max_datasets: 10, max_job_hours: 0.5, min_free_bytes: 0B, worker_memory: 1GiB}
            allow_network_ledger: true
            """
        )
        #expect(site.spool == "/etc/exportd/spool")
        #expect(site.stores == ["/mnt/store", "/etc/exportd/../b"])
        #expect(site.ledger == "/var/lib/exportd/ledger.sqlite")
        #expect(site.work == "/fast/work")
        #expect(site.cache.path == "/etc/exportd/cache" && site.cache.maximumBytes == 2_199_023_255_552)
        #expect(site.workers == 4 && site.retries == 0 && site.settle == .seconds(3) && site.rescan == .milliseconds(500))
        #expect(site.robots["demo_arm"]?.features["observation.state"]?.first?.field == "position")
        #expect(site.limits.maximumDatasets == 10 && site.limits.maximumJobHours == 0.5 && site.limits.minimumFreeBytes == 0)
        #expect(site.limits.maximumRequestBytes == 65_536 && site.limits.workerMemory == 1 << 30)
        #expect(site.allowNetworkLedger)
    }

    @Test func `that is printed reads back the same`() throws {
        let site = try parse("{workers: 7, rescan: 1m, robots: {\"a b\": {mapping: {action: [{topic: c, indices: [0, 2-3]}]}}}}")
        #expect(try parse(site.resolved.yaml, folder: "/elsewhere") == site)
        #expect(try parse(site.resolved.json, folder: "/elsewhere") == site)
    }

    @Test func `says who may do what and how much`() throws {
        let site = try parse(
            """
            quota: {window: weekly, default: {exports: 50, bytes: 2TiB}, users: {alice: {exports: 200}}, system: {exports: 2000}}
            roles:
              administrators: {users: [root], groups: [exportd-admin]}
              project_managers: [pam]
              training_engineers: {groups: [research]}
              trusted_submitters: [cron]
              unknown_owner: training_engineer
            projects: {kitchen: {managers: [pam], members: {users: [tea], groups: [kitchen-team]}}}
            """
        )
        #expect(site.quota.window == .weekly)
        #expect(site.quota.standard == QuotaLimit(exports: 50, bytes: 2 << 40))
        #expect(site.quota.users == ["alice": QuotaLimit(exports: 200)])
        #expect(site.quota.administrators == "An administrator (root and members of exportd-admin)")
        #expect(site.roles?.projectManagers == People(users: ["pam"]))
        #expect(site.roles?.unknownOwner == .trainingEngineer)
        #expect(site.projects["kitchen"]?.members == People(users: ["tea"], groups: ["kitchen-team"]))
        #expect(try parse(site.resolved.yaml) == site)
        #expect(try parse("").roles == nil)
    }

    @Test func `refuses limits and people that mean nothing`() throws {
        let error = try #require(throws: ExportError.self) {
            try parse("quota: {window: yearly, default: {}}\nroles: {administrators: root, trusted: [x]}\nprojects: {kitchen: {}}\n")
        }
        #expect(error.details.count == 5)
    }

    @Test func `reports all problems with their places`() throws {
        let error = try #require(throws: ExportError.self) {
            try parse("spol: x\nworkers: 0\ncache: {max_bytes: 10}\nquotas: {}\nadministrators: [root]\nstores: /mnt\n")
        }
        #expect(error.code == .requestInvalid)
        #expect(error.message.hasPrefix("The configuration has 6 problems."))
        #expect(error.details.map { $0.location?.line } == [1, 2, 3, 4, 5, 6])
        #expect(error.details[0].hint == "Did you mean spool?")
    }

    @Test func `of the examples is valid`() throws {
        let root = FileSystem.parent(of: FileSystem.parent(of: FileSystem.parent(of: #filePath)))
        #expect(try SiteConfiguration.load("\(root)/examples/exportd.yaml").spool.hasPrefix("/"))
    }

    @Test func `that is not there is said to be missing`() throws {
        let error = try #require(throws: ExportError.self) { try SiteConfiguration.load("/nonexistent/exportd.yaml") }
        #expect(error.code == .ioError)
        #expect(error.message.contains("/nonexistent/exportd.yaml"))
    }

    @Test func `has help for every key`() {
        #expect(SiteConfiguration.rows.allSatisfy { !$0.doc.isEmpty })
        #expect(SiteConfiguration.rows.contains { $0.path == "limits.worker_memory" && $0.defaultText == "\"4GiB\"" })
    }
}
