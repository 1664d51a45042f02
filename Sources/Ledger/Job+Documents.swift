import ExportCore
public import Sidecars

extension Job {
    /// The job as its status sidecar tells it.
    ///
    /// - Parameters:
    ///   - queuePosition: how many jobs go before this one; written only while it is pending.
    ///   - quota: how much of the user's allowance is used.
    public func status(queuePosition: Int? = nil, quota: StatusDocument.Quota? = nil) -> StatusDocument {
        StatusDocument(
            request: request,
            job: id,
            kind: kind,
            title: title,
            user: user,
            submitter: submitter?.name,
            role: role,
            state: state,
            createdAt: created.rfc3339,
            startedAt: started?.rfc3339,
            finishedAt: finished?.rfc3339,
            queuePosition: state == .pending ? queuePosition : nil,
            attempt: attempt,
            progress: progress,
            exports: exports,
            selection: selection,
            quota: quota,
            preview: preview,
            warnings: warnings,
            error: error
        )
    }
}

extension StatusDocument.Progress {
    /// The progress of a job that has done nothing yet.
    static func none(at now: Timestamp) -> StatusDocument.Progress {
        StatusDocument.Progress(
            percent: 0,
            datasetsDone: 0,
            datasetsTotal: 0,
            current: nil,
            bytesRead: 0,
            bytesWritten: 0,
            etaSeconds: nil,
            updatedAt: now.rfc3339
        )
    }
}
