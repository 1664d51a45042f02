import Configuration
import Ledger
import Requests

extension NotificationWish {
    /// Who is told of the end of a request's job: those whom it names, and of exports the site's own program.
    static func all(of request: Request?, _ site: SiteConfiguration) -> [NotificationWish] {
        guard let export = request?.export else { return [] }
        var wishes: [NotificationWish] = []
        if let notify = export.notify {
            wishes = notify.email.map {
                NotificationWish(.email($0), onCompleted: notify.on.contains(.completed), onFailed: notify.on.contains(.failed))
            }
        }
        if case .export = request, !site.notify.command.isEmpty {
            wishes.append(NotificationWish(.command, onCompleted: true, onFailed: true))
        }
        return wishes
    }
}
