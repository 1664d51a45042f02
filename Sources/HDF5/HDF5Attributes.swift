import CHDF5

/// Writes attributes of one object, whose identifier the caller keeps open.
struct HDF5Attributes {
    let owner: hid_t
    let path: String

    func set(_ name: String, _ text: String) throws(HDF5Error) {
        let type = try HDF5Make.textType(doing: "write the attribute \(name)", path: path)
        let written = text.withCString { pointer in
            withUnsafePointer(to: pointer) { write(name, type: type.id, dimensions: [], $0) }
        }
        guard written else { throw HDF5Error("write the attribute \(name)", path) }
    }

    func set(_ name: String, _ texts: [String]) throws(HDF5Error) {
        let type = try HDF5Make.textType(doing: "write the attribute \(name)", path: path)
        let written = HDF5Texts(texts).withPointers { write(name, type: type.id, dimensions: [texts.count], $0) }
        guard written else { throw HDF5Error("write the attribute \(name)", path) }
    }

    func set(_ name: String, _ value: Int64) throws(HDF5Error) {
        let written = withUnsafePointer(to: value) {
            write(name, type: exportd_h5_file_int64(), memoryType: exportd_h5_native_int64(), dimensions: [], $0)
        }
        guard written else { throw HDF5Error("write the attribute \(name)", path) }
    }

    func set(_ name: String, _ value: Double) throws(HDF5Error) {
        let written = withUnsafePointer(to: value) {
            write(name, type: exportd_h5_file_double(), memoryType: exportd_h5_native_double(), dimensions: [], $0)
        }
        guard written else { throw HDF5Error("write the attribute \(name)", path) }
    }

    func set(_ name: String, _ value: Bool) throws(HDF5Error) {
        let type = try HDF5Make.truthType(doing: "write the attribute \(name)", path: path)
        let written = withUnsafePointer(to: Int8(value ? 1 : 0)) { write(name, type: type.id, dimensions: [], $0) }
        guard written else { throw HDF5Error("write the attribute \(name)", path) }
    }

    private func write(_ name: String, type: hid_t, memoryType: hid_t? = nil, dimensions: [Int], _ data: UnsafeRawPointer?) -> Bool {
        let sizes = dimensions.map { hsize_t(clamping: $0) }
        let spaceID = sizes.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(sizes.count), sizes, nil)
        guard let space = HDF5Handle(spaceID, close: H5Sclose),
            let attribute = HDF5Handle(
                H5Acreate2(owner, name, type, space.id, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT)),
                close: H5Aclose
            )
        else { return false }
        // An empty list has nothing to write, and the library wants a pointer even so.
        guard !dimensions.contains(0) else { return true }
        return H5Awrite(attribute.id, memoryType ?? type, data) >= 0
    }
}

/// Several texts in one block of memory with a pointer to each, which is the shape that the library reads.
struct HDF5Texts {
    private var bytes: [CChar] = []
    private var offsets: [Int] = []

    init(_ texts: [String]) {
        for text in texts {
            offsets.append(bytes.count)
            bytes.append(contentsOf: text.utf8CString)
        }
    }

    func withPointers<Result>(_ body: (UnsafeRawPointer?) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { buffer in
            let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
