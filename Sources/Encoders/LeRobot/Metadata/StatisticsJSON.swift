import Fields

extension FeatureStatistics {
    /// The statistics as LeRobot writes them to JSON.
    ///
    /// - Parameters:
    ///   - isPicture: numbers of pictures have the shape 3×1×1.
    ///   - withQuantiles: v2.1 knows none.
    func document(isPicture: Bool, withQuantiles: Bool) -> FieldValue {
        func numbers(_ values: [Double]) -> FieldValue {
            .list(values.map { isPicture ? .list([.list([.decimal($0)])]) : .decimal($0) })
        }
        var members = [
            FieldMember("min", numbers(min)), FieldMember("max", numbers(max)), FieldMember("mean", numbers(mean)),
            FieldMember("std", numbers(std)), FieldMember("count", .list([.integer(Int64(count))])),
        ]
        if withQuantiles {
            for (quantile, values) in zip(Quantile.all, quantiles) { members.append(FieldMember(quantile.name, numbers(values))) }
        }
        return .object(members)
    }
}
