import CHDF5

/// A group of an open file.
public final class HDF5Group {
    let handle: HDF5Handle
    let file: HDF5File
    /// The group's path in the file, empty for the root.
    let name: String

    init(handle: HDF5Handle, file: HDF5File, name: String) {
        self.handle = handle
        self.file = file
        self.name = name
    }

    /// Makes a group in this one.
    public func makeGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
        let properties = try HDF5Make.properties(exportd_h5_group_create(), doing: "make the group \(name)", path: file.path)
        let id = H5Gcreate2(handle.id, name, hid_t(H5P_DEFAULT), properties.id, hid_t(H5P_DEFAULT))
        guard let group = HDF5Handle(id, close: H5Gclose) else { throw HDF5Error("make the group \(self.name)/\(name)", file.path) }
        return HDF5Group(handle: group, file: file, name: "\(self.name)/\(name)")
    }

    /// Opens a group below this one.
    public func group(_ name: String) throws(HDF5Error) -> HDF5Group {
        guard let group = HDF5Handle(H5Gopen2(handle.id, name, hid_t(H5P_DEFAULT)), close: H5Gclose) else {
            throw HDF5Error("open the group \(self.name)/\(name)", file.path)
        }
        return HDF5Group(handle: group, file: file, name: "\(self.name)/\(name)")
    }

    /// Copies an object with all that it holds from a group of another file into this one, under a new name.
    public func copy(_ name: String, from source: HDF5Group, as newName: String) throws(HDF5Error) {
        guard H5Ocopy(source.handle.id, name, handle.id, newName, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT)) >= 0 else {
            throw HDF5Error("copy \(source.name)/\(name) from \(source.file.path)", file.path)
        }
    }

    /// Sets an attribute to a text, as a variable-length UTF-8 string.
    public func setAttribute(_ name: String, _ text: String) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, text)
    }

    /// Sets an attribute to a list of texts.
    public func setAttribute(_ name: String, _ texts: [String]) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, texts)
    }

    /// Sets an attribute to an integer, stored as int64.
    public func setAttribute(_ name: String, _ value: Int64) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, value)
    }

    /// Sets an attribute to a number, stored as float64.
    public func setAttribute(_ name: String, _ value: Double) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, value)
    }

    /// Sets an attribute to a truth value, as h5py stores one.
    public func setAttribute(_ name: String, _ value: Bool) throws(HDF5Error) {
        try HDF5Attributes(owner: handle.id, path: file.path).set(name, value)
    }
}
