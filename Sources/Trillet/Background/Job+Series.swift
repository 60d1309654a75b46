/// A job that makes one answer of a series, from as many requests as it takes.
extension Job {
    /// Goes on after a request, or a pause, until there is something to wait for.
    @inline(never)
    func goOn(after last: RequestOutcome?, of client: Client) {
        guard let series else { return }
        var outcome = last
        while true {
            switch series.step(outcome) {
            case .ask:
                if client.callers.isClosed {
                    outcome = RequestOutcome(Failure.closed)
                } else {
                    outcome = ask(series, of: client)
                    if outcome == nil { return }
                }
            case .pause(let end):
                if !client.callers.isClosed { return pause(until: end) }
                outcome = RequestOutcome(Failure.clientClosed)
            case let step:
                return end(series.answer(step) ?? series.end())
            }
        }
    }
}
