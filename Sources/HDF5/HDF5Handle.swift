import CHDF5

/// One identifier of the library, closed when the last owner lets go of it.
final class HDF5Handle {
    let id: hid_t
    private let close: (hid_t) -> herr_t

    /// Takes over an identifier; nil where the library returned a failure.
    init?(_ id: hid_t, close: @escaping (hid_t) -> herr_t) {
        guard id >= 0 else { return nil }
        self.id = id
        self.close = close
    }

    deinit {
        _ = close(id)
    }
}

/// Types, spaces and property lists as handles, each with the function that closes it.
enum HDF5Make {
    /// Objects carry no times, so that the same content is the same bytes.
    static func properties(_ kind: hid_t, doing operation: String, path: String) throws(HDF5Error) -> HDF5Handle {
        guard let list = HDF5Handle(H5Pcreate(kind), close: H5Pclose), H5Pset_obj_track_times(list.id, false) >= 0 else {
            throw HDF5Error(operation, path)
        }
        return list
    }

    /// How one element at a time is written.
    ///
    /// The library clears its buffers for conversion before every call, and takes a megabyte for each of the two: far more than what most
    /// pictures have. Elements of variable length are references of 16 bytes there.
    static func elementTransfer(doing operation: String, path: String) throws(HDF5Error) -> HDF5Handle {
        guard let list = HDF5Handle(H5Pcreate(exportd_h5_dataset_transfer()), close: H5Pclose), H5Pset_buffer(list.id, 4096, nil, nil) >= 0
        else { throw HDF5Error(operation, path) }
        return list
    }

    static func space(_ dimensions: [Int], doing operation: String, path: String) throws(HDF5Error) -> HDF5Handle {
        let sizes = dimensions.map { hsize_t(clamping: $0) }
        let id = sizes.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(sizes.count), sizes, nil)
        guard let space = HDF5Handle(id, close: H5Sclose) else { throw HDF5Error(operation, path) }
        return space
    }

    static func textType(doing operation: String, path: String) throws(HDF5Error) -> HDF5Handle {
        guard let type = HDF5Handle(H5Tcopy(exportd_h5_c_string()), close: H5Tclose),
            H5Tset_size(type.id, exportd_h5_variable()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
        else { throw HDF5Error(operation, path) }
        return type
    }

    static func byteSequenceType(doing operation: String, path: String, inFile: Bool) throws(HDF5Error) -> HDF5Handle {
        let element = inFile ? exportd_h5_file_uint8() : exportd_h5_native_uint8()
        guard let type = HDF5Handle(H5Tvlen_create(element), close: H5Tclose) else { throw HDF5Error(operation, path) }
        return type
    }

    /// Truth as h5py and PyTables have it: an enumeration of FALSE and TRUE in a byte.
    static func truthType(doing operation: String, path: String) throws(HDF5Error) -> HDF5Handle {
        let names: [(String, Int8)] = [("FALSE", 0), ("TRUE", 1)]
        guard let type = HDF5Handle(H5Tenum_create(exportd_h5_native_int8()), close: H5Tclose),
            names.allSatisfy({ name, value in withUnsafePointer(to: value) { H5Tenum_insert(type.id, name, $0) >= 0 } })
        else { throw HDF5Error(operation, path) }
        return type
    }
}
