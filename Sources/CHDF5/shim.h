#pragma once
#include <hdf5.h>

// These names are macros that call H5open() first, which the importer does not see; a function each makes them visible.
static inline hid_t exportd_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t exportd_h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t exportd_h5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t exportd_h5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t exportd_h5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t exportd_h5_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t exportd_h5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t exportd_h5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t exportd_h5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t exportd_h5_c_string(void) { return H5T_C_S1; }
static inline size_t exportd_h5_variable(void) { return H5T_VARIABLE; }
static inline hid_t exportd_h5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t exportd_h5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t exportd_h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t exportd_h5_dataset_transfer(void) { return H5P_DATASET_XFER; }
static inline unsigned exportd_h5_exclusive(void) { return H5F_ACC_EXCL; }
static inline unsigned exportd_h5_read_only(void) { return H5F_ACC_RDONLY; }
