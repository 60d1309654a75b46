/// What the transfers of a client learn of the service's protocol from each other.
final class ServiceProtocol {
    private let http1Flag = SharedNumber()

    /// Whether the service has refused HTTP/2 for a request.
    var demandsHTTP1: Bool { http1Flag.load() != 0 }

    func noteDemandForHTTP1() { http1Flag.store(1) }
}
