import Configuration
import ExportCore
import Formats
import Requests
import Testing

@testable import Jobs

/// Identities of accounts that every Debian has: daemon (1), bin (2), games (5, of the group games), mail (8), nobody.
@Suite("Who may do what")
struct PermissionTests {
    private static let (daemon, bin, games, mail, nobody, nameless): (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) =
        (1, 2, 5, 8, 65_534, 4_000_000_000)

    private func site(_ text: String) throws -> SiteConfiguration {
        try SiteConfiguration.parse(Array(text.utf8), fileName: "exportd.yaml", folder: "/nowhere")
    }

    private func shared() throws -> SiteConfiguration {
        try site(
            """
            roles:
              administrators: [daemon]
              project_managers: [bin]
              training_engineers: {groups: [games]}
              trusted_submitters: [mail]
            projects:
              kitchen: {managers: [bin], members: [games]}
              attic: {managers: [daemon]}
            """
        )
    }

    private func request(_ text: String) throws -> Request {
        try RequestParser.parse(Array("exports: [{format: hdf5}]\n\(text)".utf8), fileName: "r.yaml")
    }

    private func verdict(_ uid: UInt32, _ site: SiteConfiguration, _ text: String = "") throws -> Permission.Verdict {
        Permission(site: site).verdict(on: try request(text), by: Identity(uid: uid, site))
    }

    @Test func `names, groups, projects and numbers give roles`() throws {
        let shared = try shared()
        let roles = [Self.daemon, Self.bin, Self.games, Self.mail, 0].map { Identity(uid: $0, shared).role }
        #expect(roles == [.administrator, .projectManager, .trainingEngineer, .none, .administrator])
        let byProject = try site("roles: {}\nprojects: {kitchen: {managers: [mail], members: [\"5\"]}}")
        #expect(Identity(uid: Self.games, try site(""), daemon: Self.games).role == .administrator)
        // Who runs a command is no administrator for that.
        #expect(Identity(uid: Self.games, try site(""), daemon: Self.mail).role == .trainingEngineer)
        #expect(Identity(uid: Self.mail, byProject).role == .projectManager)
        #expect(Identity(uid: Self.games, byProject).role == .trainingEngineer)
        #expect(Identity(uid: Self.bin, byProject).role == .none)
        #expect(Identity(uid: Self.bin, try site("")).role == .trainingEngineer)
    }

    @Test(arguments: [PermissionTests.nobody, PermissionTests.nameless])
    func `who has no name may nothing unless the site says so`(uid: UInt32) throws {
        let refusal = try #require(try verdict(uid, site("")).refusal)
        #expect(refusal.code == .notPermitted)
        #expect(refusal.message.contains("does not know"))
        #expect(try verdict(uid, site("roles: {unknown_owner: training_engineer}")).refusal == nil)
        // A list that names nobody's number does not make a role of it.
        #expect(try verdict(uid, site("roles: {administrators: [nobody, \"65534\", \"4000000000\"]}")).refusal != nil)
        #expect(Identity(named: "nobody", try site("")) == nil)
    }

    @Test func `without a role nothing is exported`() throws {
        let refusal = try #require(try verdict(Self.mail, shared()).refusal)
        #expect(refusal.message.contains("has no role"))
        #expect(refusal.hint?.contains("daemon") == true)
    }

    @Test func `high priority is for managers and administrators`() throws {
        let shared = try shared()
        #expect(try verdict(Self.games, shared, "priority: high").refusal?.code == .notPermitted)
        #expect(try verdict(Self.games, shared, "priority: low").refusal == nil)
        #expect(try verdict(Self.bin, shared, "priority: high").refusal == nil)
    }

    @Test func `on behalf of others go administrators, trusted submitters, and managers for members`() throws {
        let shared = try shared()
        let managed = try verdict(Self.bin, shared, "on_behalf_of: games")
        #expect(managed.refusal == nil && managed.user.name == "games" && managed.submitter?.name == "bin")
        #expect(try verdict(Self.bin, shared, "on_behalf_of: mail").refusal?.code == .notPermitted)
        #expect(try verdict(Self.mail, shared, "on_behalf_of: games").refusal == nil)
        #expect(try verdict(Self.mail, shared, "on_behalf_of: mail").refusal?.code == .notPermitted)
        #expect(try verdict(Self.daemon, shared, "on_behalf_of: games").refusal == nil)
        #expect(try verdict(Self.daemon, shared, "on_behalf_of: no-such-user").refusal?.code == .notPermitted)
        let stranger = try verdict(Self.games, shared, "on_behalf_of: bin")
        // A refused request stays its owner's: nobody else's quota or queue is touched.
        #expect(stranger.refusal?.code == .notPermitted && stranger.user.name == "games" && stranger.submitter == nil)
        #expect(try verdict(Self.games, shared, "on_behalf_of: games").refusal == nil)
    }

    @Test func `closed projects are for their people, and a submitter lends nobody more than both have`() throws {
        let shared = try shared()
        let permission = Permission(site: shared)
        let (games, bin) = (Identity(uid: Self.games, shared), Identity(uid: Self.bin, shared))
        #expect(permission.refusal(of: ["kitchen", "open"], for: games, submitter: nil) == nil)
        let refusal = try #require(permission.refusal(of: ["attic", "kitchen"], for: games, submitter: nil))
        #expect(refusal.message.contains("attic") && !refusal.message.contains("kitchen"))
        #expect(refusal.hint?.contains("daemon") == true)
        #expect(permission.refusal(of: ["attic"], for: Identity(uid: Self.daemon, shared), submitter: nil) == nil)
        #expect(permission.refusal(of: ["attic"], for: games, submitter: bin)?.message.contains("games") == true)
        #expect(permission.refusal(of: ["kitchen"], for: games, submitter: bin) == nil)
        #expect(permission.administratorsOnly(bin, "pause the queue")?.code == .notPermitted)
        #expect(permission.administratorsOnly(Identity(uid: 0, shared), "pause the queue") == nil)
    }
}
