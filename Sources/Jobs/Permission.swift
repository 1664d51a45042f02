import Configuration
import ExportCore
import Requests

/// What is not permitted, in words that say who can help.
struct Permission: Sendable {
    let site: SiteConfiguration

    /// Whose job a request is, by whom it was submitted, and why it is refused if it is.
    struct Verdict {
        var user: Identity
        var submitter: Identity?
        var refusal: ExportError?
    }

    /// What becomes of a request of a file's owner.
    func verdict(on request: Request?, by owner: Identity) -> Verdict {
        guard owner.role != .unknown else { return Verdict(user: owner, refusal: unknown(owner)) }
        guard let request else { return Verdict(user: owner) }
        if let export = request.export {
            if export.priority == .high, owner.role != .administrator, owner.role != .projectManager {
                return Verdict(
                    user: owner,
                    refusal: ExportError(
                        .notPermitted,
                        "\(owner.name) may not give a job high priority.",
                        hint: "Use priority normal or low, or ask \(helpers())."
                    )
                )
            }
            if let name = export.onBehalfOf, name != owner.name { return verdict(onBehalfOf: name, by: owner) }
        }
        return Verdict(user: owner, refusal: owner.mayExport || owner.isTrustedSubmitter && request.export == nil ? nil : noRole(owner))
    }

    private func verdict(onBehalfOf name: String, by owner: Identity) -> Verdict {
        func refused(_ message: String, _ hint: String) -> Verdict {
            Verdict(user: owner, refusal: ExportError(.notPermitted, message, hint: hint))
        }
        let isTrusted = owner.role == .administrator || owner.isTrustedSubmitter
        guard isTrusted || !owner.managed.isEmpty else {
            return refused("\(owner.name) may not submit jobs on behalf of \(name).", "Leave out on_behalf_of, or ask \(helpers()).")
        }
        guard let user = Identity(named: name, site) else {
            return refused("There is no user \(name) on whose behalf a job could run.", "Correct on_behalf_of.")
        }
        guard isTrusted || !owner.managed.isDisjoint(with: user.projects) else {
            return refused(
                "\(owner.name) manages no project of which \(name) is a member.",
                "Leave out on_behalf_of, or ask \(helpers())."
            )
        }
        return Verdict(user: user, submitter: owner, refusal: user.mayExport ? nil : noRole(user))
    }

    /// Why the data that a plan really takes may not be exported; nil where it may.
    ///
    /// A manager who submits for a member gets no more than both may have.
    func refusal(of projects: Set<String>, for user: Identity, submitter: Identity?) -> ExportError? {
        var people = [user]
        if let submitter, submitter.role != .administrator, !submitter.isTrustedSubmitter { people.append(submitter) }
        for person in people {
            let refused = projects.filter { !person.mayExport(project: $0) }.sorted()
            guard let first = refused.first else { continue }
            let names = refused.joined(separator: ", ")
            return ExportError(
                .notPermitted,
                "\(person.name) may not export data of the project\(refused.count == 1 ? "" : "s") \(names), which the request selects.",
                hint: "Leave it out with select.projects, or ask \(helpers(project: first)) for access.",
                details: refused.count == 1
                    ? [] : refused.map { ExportError.Detail("The project \($0) is closed to \(person.name); ask \(helpers(project: $0)).") }
            )
        }
        return nil
    }

    /// Who can help: the administrators, and the managers of a project where one is named.
    func helpers(project: String? = nil) -> String {
        let administrators = site.roles?.administrators.phrase.map { "an administrator (\($0))" } ?? "an administrator"
        guard let managers = project.flatMap({ site.projects[$0]?.managers.phrase }) else { return administrators }
        return "its managers (\(managers)) or \(administrators)"
    }

    /// Only administrators may do that.
    func administratorsOnly(_ identity: Identity, _ deed: String) -> ExportError? {
        guard identity.role != .administrator else { return nil }
        return ExportError(.notPermitted, "\(identity.name) may not \(deed).", hint: "Ask \(helpers()).")
    }

    private func unknown(_ owner: Identity) -> ExportError {
        ExportError(
            .notPermitted,
            "The request belongs to \(owner.name), whom this machine does not know.",
            hint: "Submit it as a user of this machine; on NFS, check that users have the same number on every host."
        )
    }

    private func noRole(_ user: Identity) -> ExportError {
        ExportError(
            .notPermitted,
            "\(user.name) has no role on this site.",
            hint: "Ask \(helpers()) for the role of a training engineer, or for a place in a project."
        )
    }
}
