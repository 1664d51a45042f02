import CHDF5

/// A number type that datasets can hold.
public protocol HDF5Scalar: BitwiseCopyable {
    /// The type's identifiers in the file (little-endian) and in memory.
    static var hdf5Type: HDF5ScalarType { get }
}

/// The identifiers of a number type.
public struct HDF5ScalarType {
    let file: hid_t
    let memory: hid_t
}

extension Float: HDF5Scalar {
    /// IEEE 754 single precision.
    public static var hdf5Type: HDF5ScalarType { .init(file: exportd_h5_file_float(), memory: exportd_h5_native_float()) }
}

extension Int64: HDF5Scalar {
    /// 64-bit signed integer.
    public static var hdf5Type: HDF5ScalarType { .init(file: exportd_h5_file_int64(), memory: exportd_h5_native_int64()) }
}

extension UInt8: HDF5Scalar {
    /// 8-bit unsigned integer.
    public static var hdf5Type: HDF5ScalarType { .init(file: exportd_h5_file_uint8(), memory: exportd_h5_native_uint8()) }
}

/// How a dataset's bytes lie in the file.
public enum HDF5Storage: Sendable {
    /// In one run, as they are.
    case contiguous
    /// In chunks of the given number of first-dimension rows, as they are.
    case chunked(rows: Int)
    /// In chunks of the given number of first-dimension rows, byte-shuffled and deflated at level 4.
    case deflated(rows: Int)
}

extension HDF5Group {
    /// Makes a dataset of numbers with the given shape, row-major; nothing is written yet.
    public func makeDataset<Element: HDF5Scalar>(
        _ name: String,
        of element: Element.Type,
        shape: [Int],
        storage: HDF5Storage = .contiguous
    ) throws(HDF5Error) -> HDF5Dataset {
        try makeDataset(name, type: Element.hdf5Type.file, shape: shape, storage: storage)
    }

    /// Makes a dataset of numbers with the given shape and writes all of them, row-major.
    @discardableResult
    public func write<Element: HDF5Scalar>(
        _ name: String,
        _ values: [Element],
        shape: [Int],
        storage: HDF5Storage = .contiguous
    ) throws(HDF5Error) -> HDF5Dataset {
        let dataset = try makeDataset(name, of: Element.self, shape: shape, storage: storage)
        precondition(values.count == shape.reduce(1, *), "the values must fill the shape")
        guard !values.isEmpty else { return dataset }
        let status = values.withUnsafeBytes {
            H5Dwrite(dataset.handle.id, Element.hdf5Type.memory, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), $0.baseAddress)
        }
        guard status >= 0 else { throw HDF5Error("write the dataset \(dataset.name)", file.path) }
        return dataset
    }

    /// Makes a one-dimensional dataset of variable-length byte sequences; nothing is written yet.
    public func makeByteSequences(_ name: String, count: Int) throws(HDF5Error) -> HDF5Dataset {
        let type = try HDF5Make.byteSequenceType(doing: "make the dataset \(name)", path: file.path, inFile: true)
        return try makeDataset(name, type: type.id, shape: [count], storage: .contiguous)
    }

    /// Makes a one-dimensional dataset of texts and writes them.
    public func writeTexts(_ name: String, _ texts: [String]) throws(HDF5Error) {
        let doing = "write the dataset \(self.name)/\(name)"
        let type = try HDF5Make.textType(doing: doing, path: file.path)
        let dataset = try makeDataset(name, type: type.id, shape: [texts.count], storage: .contiguous)
        guard !texts.isEmpty else { return }
        let written = HDF5Texts(texts).withPointers {
            H5Dwrite(dataset.handle.id, type.id, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), $0) >= 0
        }
        guard written else { throw HDF5Error(doing, file.path) }
    }

    private func makeDataset(_ name: String, type: hid_t, shape: [Int], storage: HDF5Storage) throws(HDF5Error) -> HDF5Dataset {
        let doing = "make the dataset \(self.name)/\(name)"
        let properties = try HDF5Make.properties(exportd_h5_dataset_create(), doing: doing, path: file.path)
        // Chunks of no elements do not exist, so empty arrays are always contiguous.
        let rows: Int? =
            switch storage {
            case .contiguous: nil
            case .chunked(let rows), .deflated(let rows): rows
            }
        if let rows, !shape.contains(0) {
            var chunk = shape.map { hsize_t(clamping: $0) }
            chunk[0] = hsize_t(clamping: max(1, min(rows, shape[0])))
            guard H5Pset_chunk(properties.id, Int32(chunk.count), chunk) >= 0 else { throw HDF5Error(doing, file.path) }
            if case .deflated = storage {
                guard H5Pset_shuffle(properties.id) >= 0, H5Pset_deflate(properties.id, 4) >= 0 else { throw HDF5Error(doing, file.path) }
            }
        }
        let space = try HDF5Make.space(shape, doing: doing, path: file.path)
        let id = H5Dcreate2(handle.id, name, type, space.id, hid_t(H5P_DEFAULT), properties.id, hid_t(H5P_DEFAULT))
        guard let dataset = HDF5Handle(id, close: H5Dclose) else { throw HDF5Error(doing, file.path) }
        return HDF5Dataset(handle: dataset, space: space, file: file, name: "\(self.name)/\(name)", shape: shape)
    }
}

/// A dataset of an open file.
public final class HDF5Dataset {
    let handle: HDF5Handle
    private let space: HDF5Handle
    private let file: HDF5File
    let name: String
    private let shape: [Int]
    private var sequence: (type: HDF5Handle, space: HDF5Handle, transfer: HDF5Handle)?

    init(handle: HDF5Handle, space: HDF5Handle, file: HDF5File, name: String, shape: [Int]) {
        self.handle = handle
        self.space = space
        self.file = file
        self.name = name
        self.shape = shape
    }

    /// Writes the byte sequence at one position of a dataset made by `makeByteSequences`.
    public func writeByteSequence(at position: Int, _ bytes: UnsafeRawBufferPointer) throws(HDF5Error) {
        let doing = "write element \(position) of \(name)"
        if sequence == nil {
            sequence = (
                try HDF5Make.byteSequenceType(doing: doing, path: file.path, inFile: false),
                try HDF5Make.space([1], doing: doing, path: file.path),
                try HDF5Make.elementTransfer(doing: doing, path: file.path)
            )
        }
        guard let sequence else { return }
        try select(first: position, count: 1, doing: doing)
        file.expect(bytes.count)
        // The library only reads through this pointer, whatever its type says.
        let element = hvl_t(len: bytes.count, p: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        let status = withUnsafePointer(to: element) {
            H5Dwrite(handle.id, sequence.type.id, sequence.space.id, space.id, sequence.transfer.id, $0)
        }
        guard status >= 0 else { throw HDF5Error(doing, file.path) }
    }

    /// Writes whole rows of the first dimension, beginning at `first`.
    public func writeRows<Element: HDF5Scalar>(first: Int, _ values: [Element]) throws(HDF5Error) {
        let doing = "write rows of \(name)"
        let rowElements = shape.dropFirst().reduce(1, *)
        precondition(rowElements > 0 && values.count % rowElements == 0, "the values must fill whole rows")
        let rows = values.count / rowElements
        try select(first: first, count: rows, doing: doing)
        let memory = try HDF5Make.space([rows] + shape.dropFirst(), doing: doing, path: file.path)
        let status = values.withUnsafeBytes {
            H5Dwrite(handle.id, Element.hdf5Type.memory, memory.id, space.id, hid_t(H5P_DEFAULT), $0.baseAddress)
        }
        guard status >= 0 else { throw HDF5Error(doing, file.path) }
    }

    /// Sets an attribute to a list of texts.
    public func setAttribute(_ name: String, _ texts: [String]) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, texts)
    }

    /// Sets an attribute to a text.
    public func setAttribute(_ name: String, _ text: String) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, text)
    }

    private func select(first: Int, count: Int, doing operation: String) throws(HDF5Error) {
        precondition(first >= 0 && count >= 0 && first <= shape[0] - count, "rows must lie in the dataset")
        let start = [hsize_t(first)] + Array(repeating: hsize_t(0), count: shape.count - 1)
        let extent = [hsize_t(count)] + shape.dropFirst().map { hsize_t($0) }
        guard H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, extent, nil) >= 0 else { throw HDF5Error(operation, file.path) }
    }
}
