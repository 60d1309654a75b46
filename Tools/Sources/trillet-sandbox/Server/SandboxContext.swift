import Hummingbird
import NIOCore

struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The value of the answer's x-request-id header.
    var requestIdentifier = ""
    /// The connection that the request came on.
    let channel: any Channel
    /// Where the request is noted; `nil` on the controls.
    var trace: RequestTrace?

    init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
