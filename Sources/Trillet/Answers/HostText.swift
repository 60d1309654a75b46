import CTrillet

/// Text that the host gets, and gives back with `trillet_free`. docs/decisions.md, static-out-of-memory.
enum HostText {
    private static let outOfMemoryJSON: StaticString = """
        {"ok":false,"status":0,"error":{"type":"internal","message":"There is not enough memory \
        for the answer","sent":"maybe","retryable":false},"meta":{"operation":"","attempts":0,\
        "elapsedMs":0.0,"requestId":null}}
        """

    /// Of `trillet_next_many`, which loses nothing.
    private static let outOfMemoryArrayJSON: StaticString = """
        [{"id":0,"ok":false,"status":0,"error":{"type":"internal","message":"There is not enough \
        memory for an array of answers; they still wait","sent":"no","retryable":true},"meta":\
        {"operation":"client.next","attempts":0,"elapsedMs":0.0,"requestId":null}}]
        """

    /// The answer that needs no memory.
    static var outOfMemory: UnsafeMutablePointer<CChar> {
        UnsafeMutablePointer(mutating: outOfMemoryJSON.cText)
    }

    static var outOfMemoryArray: UnsafeMutablePointer<CChar> {
        UnsafeMutablePointer(mutating: outOfMemoryArrayJSON.cText)
    }

    /// Frees text that was made for the host; what needs no memory stays.
    static func free(_ text: UnsafeMutablePointer<CChar>?) {
        if text != outOfMemory, text != outOfMemoryArray { shim_deallocate(text) }
    }
}
