import CTrillet

/// A pager of the library; it is freed when nobody uses it any more.
final class Pager: @unchecked Sendable {
    // Whoever has it asks for one page at a time.
    let pointer: OpaquePointer
    private let handle: ClientHandle

    init(
        _ handle: ClientHandle,
        _ operation: String,
        _ request: String,
        _ options: String?
    ) throws(TrilletError) {
        guard let pointer = trillet_pager_new(handle.pointer, operation, request, options) else {
            throw handle.refusal(operation)
        }
        self.pointer = pointer
        self.handle = handle
    }

    /// The next page is the last one.
    func stop() {
        trillet_pager_stop(pointer)
    }

    deinit {
        // On a thread: freeing waits for a page that is being fetched ahead, and refers to the client.
        let address = Int(bitPattern: pointer)
        let handle = handle
        startThread { [handle] in
            trillet_pager_free(OpaquePointer(bitPattern: address))
            _ = handle
        }
    }
}
