import ExportCore
import Requests

extension AnnotationFilter {
    /// What a selection asks of single annotations.
    ///
    /// - Parameter now: the instant that relative times count from.
    init(_ selection: Selection, now: Timestamp) {
        self.init()
        annotators = selection.annotators
        qualityLevels = selection.qualityLevels
        minimumScore = selection.minimumScore
        review = selection.review
        tags = selection.tags
        text = selection.text?.isEmpty == true ? nil : selection.text
        switch selection.recorded {
        case .between(let from, let to): (self.from, self.to) = (from, to)
        case .last(let nanoseconds):
            // Open at its old end, as it is for datasets.
            let (start, overflow) = now.nanoseconds.subtractingReportingOverflow(nanoseconds)
            from = Timestamp(nanoseconds: overflow ? .min : start &+ 1)
            to = Timestamp(nanoseconds: now.nanoseconds &+ 1)
        case nil: break
        }
    }
}
