import ExportCore
import ImageSets

/// `images.csv` of formats that give images other names: which file of which set each one is.
final class ImageNameList {
    private let file: OutputFile
    private var rows = Array("image,dataset,file\r\n".utf8)

    /// Creates the file in a package's folder.
    init(folder: String) throws {
        file = try OutputFile("\(folder)/images.csv")
    }

    /// Adds an image.
    ///
    /// - Parameter path: where it lies in the package.
    func add(_ image: ExportedImage, at path: String) throws {
        cell(path)
        rows.append(UInt8(ascii: ","))
        cell(image.dataset.text)
        rows.append(UInt8(ascii: ","))
        cell(image.image.file)
        rows.append(contentsOf: [0x0D, 0x0A])
        try file.take(&rows)
    }

    /// Completes the file.
    func finish() throws { try file.finish(&rows) }

    private func cell(_ text: String) {
        let needsQuotes = text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
        guard needsQuotes else { return rows.append(contentsOf: text.utf8) }
        rows.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { rows.append(byte) }
            rows.append(byte)
        }
        rows.append(UInt8(ascii: "\""))
    }
}
