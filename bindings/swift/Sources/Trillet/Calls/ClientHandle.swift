import CTrillet
import Dispatch
import Synchronization

/// The library's client, freed when nobody uses it any more.
final class ClientHandle: @unchecked Sendable {
    // The library's functions take a client from any thread; nothing here is changed but `held`.
    let pointer: OpaquePointer
    private let isClosing = Atomic<Bool>(false)
    /// What the library holds a pointer to: log handlers, until the client is freed.
    private let held = Mutex<[AnyObject & Sendable]>([])

    init(_ options: ClientOptions) throws(TrilletError) {
        let text = try jsonText(options, of: "client")
        var reason: UnsafeMutablePointer<CChar>?
        guard let pointer = trillet_client_new(text, &reason) else {
            guard let reason else {
                throw TrilletError(type: .internal, message: "there is no memory", sent: .no)
            }
            defer { trillet_free(reason) }
            throw Envelope.error(Answer(copying: reason))
        }
        self.pointer = pointer
    }

    deinit {
        // On another thread: the library does not free a client in a callback of this client, and
        // the last one to let go may be in one.
        let address = Int(bitPattern: pointer)
        DispatchQueue.global().async { trillet_client_free(OpaquePointer(bitPattern: address)) }
    }

    func hold(_ object: AnyObject & Sendable) {
        held.withLock { $0.append(object) }
    }

    func willClose() {
        isClosing.store(true, ordering: .relaxed)
    }

    var isClosed: Bool { isClosing.load(ordering: .relaxed) }

    /// Why the library took no request.
    func refusal(_ operation: String) -> TrilletError {
        let meta = CallMeta(operation: operation)
        if isClosed {
            return TrilletError(
                type: .closed,
                message: "the client is closed; make a new one",
                sent: .no,
                meta: meta
            )
        }
        if let text = trillet_client_stats(pointer) {
            defer { trillet_free(text) }
            var error = Envelope.error(Answer(copying: text))
            error.meta = meta
            if error.type == .forked { return error }
        }
        return TrilletError(
            type: .internal,
            message: "the library took no request: no memory, or no thread could be started",
            sent: .no,
            meta: meta
        )
    }
}
