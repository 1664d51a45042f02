import ExportCore
import Fields
import Formats
import YAML

/// The keys of a request, of every kind.
enum RequestFields {
    /// A whole request.
    static let shape = Shape<Request>.variants(
        by: "kind",
        "What is asked for.",
        default: RequestKind.export,
        choice: \.kind
    ) { kind in
        switch kind {
        case .export: Variant(export, wrap: Request.export) { if case .export(let request) = $0 { request } else { nil } }
        case .preview: Variant(export, wrap: Request.preview) { if case .preview(let request) = $0 { request } else { nil } }
        case .cancel: Variant(jobs, wrap: Request.cancel) { if case .cancel(let request) = $0 { request } else { nil } }
        case .retry: Variant(jobs, wrap: Request.retry) { if case .retry(let request) = $0 { request } else { nil } }
        case .history: Variant(ServiceFields.history, wrap: Request.history) { if case .history(let request) = $0 { request } else { nil } }
        case .quota: Variant(ServiceFields.quota, wrap: Request.quota) { if case .quota(let request) = $0 { request } else { nil } }
        case .queue: Variant(ServiceFields.queue, wrap: Request.queue) { if case .queue(let request) = $0 { request } else { nil } }
        }
    }

    static let title = Shape<String>.text("a title", upTo: 200)

    private static let export = FieldSet(defaults: ExportRequest(exports: [])) {
        Field("title", \.title, title, default: "none", "A name for people, and for changed_since: last-success.")
        Field(
            "select",
            \.select,
            .set(SelectionFields.set),
            default: "the whole store",
            "Which datasets: all conditions must hold, a list is a choice of alternatives, * and ? match any characters."
        )
        Field(
            "exports",
            \.exports,
            .list(of: ExportOptions.shape, upTo: 50),
            required: true,
            "The exports, run in order over the same selection."
        )
        Field("package", \.package, .choice(), "How each export reaches the outbox: one archive, or the tree itself.")
        Field("priority", \.priority, .choice(), "Whose jobs go first.")
        Field(
            "on_dataset_error",
            \.onDatasetError,
            .choice(),
            "What an unusable dataset means: fail lists every one and stops, skip leaves it out and records it."
        )
        Field("notify", \.notify, .set(notify), default: "nobody", "Who is told by e-mail when the job ends.")
        Field(
            "on_behalf_of",
            \.onBehalfOf,
            .text("a user's name"),
            default: "whoever owns the file",
            "The user whose job it is and who pays for it; for administrators, trusted submitters, and managers of a project of the user."
        )
    } check: { request, node, path, problems in
        guard request.select.changedSinceLastSuccess, request.title == nil else { return }
        problems.add(
            at: node.value(of: "select")?.value(of: "changed_since")?.position ?? node.position,
            path.key("select").key("changed_since"),
            "select.changed_since: last-success needs a title, by which the last completed job is found.",
            hint: "Add the key title."
        )
    }

    private static let notify = FieldSet(defaults: NotifyWish(email: [])) {
        Field("email", \.email, .list(of: .emailAddress, upTo: 20), required: true, "The addresses that get a message.")
        Field("on", \.on, .list(of: .choice(), upTo: 2), "Which ends they are told of.")
    }

    private static let jobs = FieldSet(defaults: JobsRequest(jobs: [])) {
        Field("title", \.title, title, default: "none", "A name for people.")
        Field(
            "jobs",
            \.jobs,
            .list(of: .text("a job id or the name of a request"), upTo: 1_000),
            required: true,
            "Job ids or request names; a name stands for its newest job."
        )
    }
}
