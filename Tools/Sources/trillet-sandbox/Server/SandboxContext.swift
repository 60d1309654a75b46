import Hummingbird

struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The value of the answer's x-request-id header.
    var requestIdentifier = ""

    init(source: Source) {
        coreContext = .init(source: source)
    }
}
