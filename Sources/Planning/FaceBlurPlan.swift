import Checksums
import Encoders
import ExportCore
import Formats

/// What a site adds to requests for face blur: its model, and the certainty that detectors can be opened before anything is encoded.
struct FaceBlurPlan {
    private let model: String?
    private let cancellation: Cancellation

    init(model: String?, cancellation: Cancellation) {
        self.model = model
        self.cancellation = cancellation
    }

    /// The exports with the site's model in those that blur faces.
    ///
    /// - Throws: `option_unsupported` where a detector cannot be opened.
    func resolve(_ exports: [ExportOptions]) throws -> [ExportOptions] {
        guard exports.contains(where: { $0.faceBlur != nil }) else { return exports }
        let known = try readModel()
        return try exports.map { export in
            guard var blur = export.faceBlur else { return export }
            blur.model = known
            _ = try FaceBlurring.checkedDetectors(blur)
            var resolved = export
            resolved.faceBlur = blur
            return resolved
        }
    }

    /// The names and versions of all detectors that the site has.
    ///
    /// - Throws: `option_unsupported` where one cannot be opened.
    func detectors() throws -> String {
        var blur = FaceBlur()
        blur.model = try readModel()
        blur.sensitivity = .high
        return try FaceBlurring.checkedDetectors(blur)
    }

    private func readModel() throws -> FaceBlur.Model? {
        guard let model else { return nil }
        do {
            return FaceBlur.Model(path: model, sha256: try SHA256.digest(ofFile: model, cancellation: cancellation).digest.hexadecimal)
        } catch let error where !(error is CancellationError) {
            throw ExportError(
                .optionUnsupported,
                "The face model \(model) cannot be read, so that nothing can be exported with face_blur. \(ExportError(error).message)",
                hint: "Mend faces.model in the configuration, or remove it."
            )
        }
    }
}
