import CTrillet

/// SIGPIPE: a write to a closed connection must not raise it in the host. libcurl passes MSG_NOSIGNAL to
/// every send of its own; what a TLS library sends by itself lacks it.
struct BrokenPipeSignal {
    private let canBeRaised: Bool

    init(_ settings: borrowing TransferSettings) {
        canBeRaised = settings.mayUseTLS && shim_curl_can_raise_sigpipe() != 0
    }

    /// Keeps it from this thread meanwhile.
    func withheld<Result>(_ body: () -> Result) -> Result {
        if !canBeRaised { return body() }
        var guardState = shim_sigpipe_guard()
        shim_sigpipe_block(&guardState)
        defer { shim_sigpipe_restore(&guardState) }
        return body()
    }
}
