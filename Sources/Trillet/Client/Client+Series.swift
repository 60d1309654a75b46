import CTrillet

extension Client {
    /// Has the event loop make the next answer of a series; 0 when it cannot.
    func submit(
        _ series: Series,
        done: trillet_done_fn?,
        userData: UnsafeMutableRawPointer?
    ) -> UInt64 {
        if isForked || callers.isClosed || series.isBusy { return 0 }
        guard let dispatcher = dispatch.start(for: self) else { return 0 }
        let job = dispatcher.makeJob()
        series.beginJob()
        job.prepare(series, of: self, done: done, userData: userData)
        let id = dispatcher.submit(job)
        series.noteJob(id)
        if id == 0 { series.endJob() }
        return id
    }
}
