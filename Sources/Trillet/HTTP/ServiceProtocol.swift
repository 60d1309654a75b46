import CTrillet

/// What the transfers of a client learn of the service's protocol from each other.
final class ServiceProtocol {
    private let http1Flag = SharedNumber()
    private let fewStreamsFlag = SharedNumber()
    /// The greatest version of HTTP that an answer came in, as libcurl counts them; 0 before the first.
    private let version: SharedNumber

    let isSecure: Bool

    init(isSecure: Bool) {
        self.isSecure = isSecure
        // Over plain text libcurl speaks no other.
        version = SharedNumber(isSecure ? 0 : Int32(CURL_HTTP_VERSION_1_1))
    }

    /// Whether the service has refused HTTP/2 for a request.
    var demandsHTTP1: Bool { http1Flag.load() != 0 }

    func noteDemandForHTTP1() { http1Flag.store(1) }

    /// Whether requests need connections of their own: the service has refused HTTP/2, or streams that it
    /// does not allow beside others.
    var sharesBadly: Bool { demandsHTTP1 || fewStreamsFlag.load() != 0 }

    func noteFewStreams() { fewStreamsFlag.store(1) }

    /// Whether bytes on an idle connection mean that no request may use it again. Over HTTP/2 they are
    /// libcurl's to read.
    var isQuietWhenIdle: Bool {
        let version = version.load()
        return version > 0 && version < Int32(CURL_HTTP_VERSION_2_0)
    }

    func noteAnswer(inVersion found: Int) {
        let found = Int32(clamping: found)
        if found > version.load() { version.store(found) }
    }
}
