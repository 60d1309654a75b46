import CTrillet

/// The answers that need no memory; `trillet_free` leaves them alone.
/// docs/decisions.md, static-out-of-memory.
enum OutOfMemory {
    private static let json: StaticString = """
        {"ok":false,"status":0,"error":{"type":"internal","message":"There is not enough memory \
        for the answer","sent":"maybe","retryable":false},"meta":{"operation":"","attempts":0,\
        "elapsedMs":0.0,"requestId":null}}
        """

    /// Of `trillet_next_many`, which loses nothing.
    private static let arrayJSON: StaticString = """
        [{"id":0,"ok":false,"status":0,"error":{"type":"internal","message":"There is not enough \
        memory for an array of answers; they still wait","sent":"no","retryable":true},"meta":\
        {"operation":"client.next","attempts":0,"elapsedMs":0.0,"requestId":null}}]
        """

    static var text: UnsafeMutablePointer<CChar> {
        UnsafeMutablePointer(mutating: json.cText)
    }

    static var array: UnsafeMutablePointer<CChar> {
        UnsafeMutablePointer(mutating: arrayJSON.cText)
    }

    /// Frees text that was made for the host, but for these.
    static func free(_ text: UnsafeMutablePointer<CChar>?) {
        if text != self.text, text != array { shim_deallocate(text) }
    }
}
