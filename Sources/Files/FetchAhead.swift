import CLinux

extension UnsafeRawBufferPointer {
    /// Has the processor fetch what lies at a place of mapped bytes, for somebody who looks at many places far apart: waiting for one
    /// after the other takes longer than for all of them together.
    ///
    /// A hint that reads nothing: a page that is not mapped stays so. A place behind the end is passed over.
    public func fetchAhead(at place: Int) {
        guard let baseAddress, place >= 0, place < count else { return }
        fetch_ahead(baseAddress + place)
    }
}
