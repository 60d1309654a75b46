/// The answer that needs no memory; `trillet_free` leaves it alone.
enum OutOfMemory {
    private static let json: StaticString = """
        {"ok":false,"status":0,"error":{"type":"internal","message":"There is not enough memory \
        for the answer","sent":"maybe","retryable":false},"meta":{"operation":"","attempts":0,\
        "elapsedMs":0.0,"requestId":null}}
        """

    static var text: UnsafeMutablePointer<CChar> {
        UnsafeMutablePointer(mutating: json.cText)
    }
}
