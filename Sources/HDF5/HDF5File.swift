import CHDF5
import Files

/// A file being written or read with the HDF5 library.
///
/// To be used from one thread at a time; the library itself serialises all calls of a process.
public final class HDF5File {
    /// The file's path.
    public let path: String
    let handle: HDF5Handle
    /// Of a file that is written.
    private var growth: GrowthReserve?

    /// Creates a file; fails where one is there already.
    ///
    /// Objects in it carry no times, so that the same content written in the same order is the same bytes.
    public init(creating path: String) throws(HDF5Error) {
        HDF5File.silence()
        let properties = try HDF5Make.properties(exportd_h5_file_create(), doing: "create", path: path)
        guard let handle = HDF5Handle(H5Fcreate(path, exportd_h5_exclusive(), properties.id, hid_t(H5P_DEFAULT)), close: H5Fclose) else {
            throw HDF5Error("create", path)
        }
        self.path = path
        self.handle = handle
        // Saves time only: a file without it is written all the same.
        growth = try? GrowthReserve(path)
    }

    /// Opens a file to read it.
    public init(reading path: String) throws(HDF5Error) {
        HDF5File.silence()
        guard let handle = HDF5Handle(H5Fopen(path, exportd_h5_read_only(), hid_t(H5P_DEFAULT)), close: H5Fclose) else {
            throw HDF5Error("open", path)
        }
        self.path = path
        self.handle = handle
        growth = nil
    }

    /// The file's root group.
    public var root: HDF5Group {
        HDF5Group(handle: handle, file: self, name: "")
    }

    /// Tells that so many more bytes are going to be written.
    func expect(_ bytes: Int) {
        growth?.expect(bytes)
    }

    /// Hands all that was written to the kernel, so that a failure to write shows here and not when the file is let go.
    public func flush() throws(HDF5Error) {
        guard H5Fflush(handle.id, H5F_SCOPE_GLOBAL) >= 0 else { throw HDF5Error("write", path) }
        do throws(FileError) {
            try growth?.trim()
        } catch {
            throw HDF5Error("shorten", path, error)
        }
    }

    /// Keeps the library from printing its error stack to standard error; the setting belongs to the calling thread.
    private static func silence() {
        H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
    }
}
