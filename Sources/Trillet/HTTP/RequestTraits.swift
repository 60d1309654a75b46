/// What a request is, as far as its header lines depend on it.
struct RequestTraits {
    /// Whether it has a JSON body; a multipart one names its own type.
    let hasJSON: Bool
    /// Whether nothing but JSON can come back.
    let answersJSON: Bool
    /// Whether bytes of any type are what is asked for.
    var answersBytes = false
    /// Whether libcurl could ask for leave to send the body, and wait a second for it.
    let mayBeHeldUp: Bool

    init(body: borrowing RequestBody, answersJSON: Bool) {
        self.answersJSON = answersJSON
        switch body {
        case .none:
            hasJSON = false
            mayBeHeldUp = false
        case .json(let json):
            hasJSON = true
            mayBeHeldUp = json.count >= RequestTraits.largeBody
        case .multipart:
            hasJSON = false
            mayBeHeldUp = true
        }
    }

    init(hasJSON: Bool, answersJSON: Bool) {
        self.hasJSON = hasJSON
        self.answersJSON = answersJSON
        mayBeHeldUp = true
    }

    /// Where libcurl began to ask before 7.72, which raised it to a megabyte.
    /// docs/decisions.md, few-header-bytes.
    private static let largeBody = 1024
}
