public import Configuration
public import Plans

extension SiteSettings {
    /// What workers must know of a configured site.
    public init(_ configuration: SiteConfiguration) {
        self.init(
            stores: configuration.stores,
            catalog: configuration.catalog,
            robots: configuration.robots,
            faceModel: configuration.faceModel,
            maximumDatasets: configuration.limits.maximumDatasets
        )
    }
}
