import CTrillet

/// A growing malloc'd block, so that a finished text can be handed to the host without a copy.
///
/// When memory runs out it stops growing and remembers that: an allocation failure becomes an
/// error answer, never a trap in the host.
struct ByteBuffer: ~Copyable {
    private(set) var start: UnsafeMutablePointer<UInt8>?
    private(set) var count = 0
    private(set) var capacity = 0
    private(set) var isOutOfMemory = false

    init() {}

    @inline(never)
    init(capacity: Int) {
        reserve(capacity)
    }

    deinit {
        shim_deallocate(start)
    }

    var bytes: Bytes {
        Bytes(start: start, count: count)
    }

    mutating func removeAll() {
        count = 0
    }

    /// Gives the block back when it has grown beyond what is worth keeping.
    mutating func removeAll(keepingAtMost kept: Int) {
        count = 0
        guard capacity > kept else { return }
        shim_deallocate(start)
        start = nil
        capacity = 0
        isOutOfMemory = false
    }

    mutating func truncate(to length: Int) {
        if length >= 0, length < count { count = length }
    }

    @inline(never)
    mutating func reserve(_ additional: Int) {
        if !makeRoom(for: additional) { isOutOfMemory = true }
    }

    /// Makes room; false when there is no memory for it, with nothing changed.
    @inline(never)
    mutating func makeRoom(for additional: Int) -> Bool {
        let (needed, overflow) = count.addingReportingOverflow(additional)
        if !overflow, needed <= capacity { return true }
        let (doubled, doubleOverflow) = capacity.multipliedReportingOverflow(by: 2)
        guard !overflow, !doubleOverflow else { return false }
        let wanted = max(needed, max(doubled, 64))
        guard let block = shim_reallocate(start, wanted) else { return false }
        start = block.assumingMemoryBound(to: UInt8.self)
        capacity = wanted
        return true
    }

    /// Adds so many bytes for the caller to fill; nil when there is no memory for them.
    mutating func extend(by length: Int) -> UnsafeMutablePointer<UInt8>? {
        reserve(length)
        guard capacity - count >= length, let start else { return nil }
        count += length
        return start + (count - length)
    }

    @_optimize(speed)
    mutating func append(_ byte: UInt8) {
        if count == capacity { reserve(1) }
        guard count < capacity, let start else { return }
        start[count] = byte
        count += 1
    }

    @inline(never)
    @_optimize(speed)
    mutating func append(_ bytes: Bytes) {
        guard bytes.count > 0, let source = bytes.baseAddress else { return }
        if capacity - count < bytes.count { reserve(bytes.count) }
        guard capacity - count >= bytes.count, let start else { return }
        shim_copy(start + count, source, bytes.count)
        count += bytes.count
    }

    @inline(never)
    @_optimize(speed)
    mutating func append(_ text: StaticString) {
        append(text.bytes)
    }

    @inline(never)
    @_optimize(speed)
    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    @inline(never)
    mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    @inline(never)
    mutating func append(decimal value: UInt) {
        if value >= 10 { append(decimal: value / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// The content as C text, to be read before the buffer changes again.
    @inline(never)
    mutating func terminated() -> UnsafePointer<CChar>? {
        append(0)
        guard !isOutOfMemory, let start else { return nil }
        count -= 1
        return UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)
    }

    /// The content as C text that the receiver frees; NULL when memory ran out.
    @inline(never)
    consuming func detach() -> UnsafeMutablePointer<CChar>? {
        append(0)
        guard !isOutOfMemory, let start else { return nil }
        self.start = nil
        return UnsafeMutableRawPointer(start).assumingMemoryBound(to: CChar.self)
    }
}
