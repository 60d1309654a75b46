/// The text that a call ends with: the host's once it has it.
struct FinishedRequest {
    let text: UnsafeMutablePointer<CChar>

    init(_ text: UnsafeMutablePointer<CChar>?) {
        self.text = text ?? HostText.outOfMemory
    }

    /// Of a request whose outcome the library keeps: nobody reads its text.
    static var withoutText: FinishedRequest { FinishedRequest(nil) }

    /// The answer to what failed before there was a request.
    @inline(never)
    static func refused(
        _ failure: Failure,
        operation: Bytes,
        started: MonotonicTime,
        mask: SecretMask = SecretMask()
    ) -> FinishedRequest {
        let meta = RequestMeta(operation: operation, started: started)
        return FinishedRequest(
            Envelope(meta).failure(failure, body: .none, requestID: .empty, mask: mask)
        )
    }

    /// For text that the host does not get.
    func free() {
        HostText.free(text)
    }
}
