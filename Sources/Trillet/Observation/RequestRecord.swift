/// A finished call, as the statistics take it.
struct RequestRecord {
    /// The operation's index in the list given to `Statistics`; its count for an endpoint that was
    /// called by method and path.
    var operationIndex: Int
    /// nil when the call succeeded.
    var failure: FailureKind?
    var latencyMicroseconds: Int64
    var retries = 0
    var backoffs = 0
    var backoffMicroseconds: Int64 = 0
    var turnWaits = 0
    var turnMicroseconds: Int64 = 0
    var bytesSent: Int64 = 0
    var bytesReceived: Int64 = 0
    var connectionsOpened = 0
    var connectionsReused = 0
}

/// The requests without blocking, at the moment of a report.
struct QueueDepth {
    var inFlight = 0
    var queued = 0
    /// Answers that nobody has fetched.
    var completed = 0
    /// Requests that the full queue refused, since the client was made.
    var rejected = 0
}
