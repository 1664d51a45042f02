import Configuration
import ExportCore
import Ledger
import Logging
import Sidecars
import Spool

/// Tells people and the site's own program of jobs that have ended.
///
/// What is to be told stands in the ledger, so that a restart loses none of it; how the telling goes changes no job.
final class Notifier: Sendable {
    /// So many are delivered at once.
    private static let width = 4
    /// So often one is tried before it is given up: over a bit more than four hours.
    private static let maximumTries = 8

    /// No wait is longer.
    private static let longestWait = wait(after: maximumTries)

    private let office: Office
    private let bell = Bell()

    /// The wait after so many tries: 2, 4, 8 … minutes.
    private static func wait(after tries: Int) -> Duration { .seconds(60 << tries) }

    init(office: Office) {
        self.office = office
    }

    /// Looks for notifications that are due soon.
    func ring() {
        bell.ring()
    }

    /// Delivers until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            var pause = Duration.seconds(60)
            do {
                let due = try await office.onLedger { try $0.dueNotifications(limit: Self.width) }
                if !due.isEmpty {
                    await withTaskGroup { group in
                        for notification in due { group.addTask { [self] in await deliver(notification) } }
                    }
                    continue
                }
                if let next = try await office.onLedger({ try $0.nextNotification() }) {
                    let latest = office.now() + Self.longestWait
                    if next > latest { try await office.onLedger { try $0.limitNotifications(to: latest) } }
                    let nanoseconds = next.nanoseconds.subtractingReportingOverflow(office.now().nanoseconds).partialValue
                    pause = min(pause, .nanoseconds(max(nanoseconds, 0)) + .milliseconds(10))
                }
            } catch {
                office.logger.warning("Notifications can't be looked up.", metadata: ["reason": "\(ExportError(error))"])
            }
            await bell.wait(atMost: pause)
        }
    }

    private func deliver(_ notification: Notification) async {
        let result: DeliveryResult
        do {
            guard let job = try await office.onLedger({ try $0.job(notification.job) }) else { return }
            // The job may have been retried since; what is told is the end that was.
            var status = job.status()
            status.state = notification.event
            let failure = try await send(status, to: notification.recipient)
            result = failure.map { outcome(of: notification, $0) } ?? .sent
        } catch is CancellationError {
            return
        } catch {
            result = outcome(of: notification, ExportError(error).message)
        }
        if case .givenUp(let reason) = result {
            office.logger.warning(
                "A notification could not be delivered and is given up.",
                metadata: ["job": "\(notification.job)", "reason": "\(reason)"]
            )
        }
        do {
            try await office.onLedger { try $0.record(result, of: notification) }
        } catch {
            office.logger.warning(
                "What became of a notification could not be noted; it may be delivered again.",
                metadata: ["job": "\(notification.job)", "reason": "\(ExportError(error))"]
            )
            try? await Task.sleep(for: .seconds(10))
        }
    }

    private func outcome(of notification: Notification, _ reason: String) -> DeliveryResult {
        let tries = notification.tries + 1
        guard tries < Self.maximumTries else { return .givenUp(reason) }
        return .failed(reason, retryAt: office.now() + Self.wait(after: tries))
    }

    /// Hands a notification over.
    /// - Returns: Why it could not be, or nil where it was.
    private func send(_ status: StatusDocument, to recipient: NotificationWish.Recipient) async throws -> String? {
        let notify = office.configuration.notify
        switch recipient {
        case .email(let address):
            let mail = MailText(status: status, from: notify.from, to: address, folder: office.outbox.folder(of: status.job))
            let program = HelperProgram(path: notify.sendmail, arguments: ["-i", "-f", notify.from, "--", address])
            return try await program.run(input: mail.bytes, limit: notify.timeout)
        case .command:
            // A site that has taken its command out of the configuration wants to be told no more.
            guard let path = notify.command.first else { return nil }
            let program = HelperProgram(
                path: path,
                arguments: Array(notify.command.dropFirst()),
                environment: ["EXPORTD_EVENT=\(status.state.rawValue)", "EXPORTD_JOB=\(status.job)"]
            )
            return try await program.run(input: status.json(), limit: notify.timeout)
        }
    }
}
