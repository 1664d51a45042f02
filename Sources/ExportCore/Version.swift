/// The version that manifests, part keys and `--version` carry.
public enum Version {
    /// Semantic version of all three programs; they are built and installed together.
    public static let current = "0.1.0"
}
