/// Jobs that have ended, on their way to the host: to its callback, or to `trillet_next`.
final class JobHandover {
    private var ended: [Job] = []
    private var fetched: [Job] = []
    private var called: [Job] = []
    /// Jobs to be used again.
    private var spare: [Job] = []
    /// How many have been handed over.
    private(set) var count: UInt64 = 0

    func append(_ job: Job) { ended.append(job) }

    /// Hands over what has ended; false when some of it must wait for a thread that is about to return
    /// from submitting it.
    @_optimize(speed)
    func publish(_ inbox: JobInbox, _ completions: Completions, _ calls: HostCalls) -> Bool {
        if ended.isEmpty { return true }
        let isAll = sort()
        // Before the host learns of it: it may then submit in its place.
        inbox.remove(fetched, called)
        count &+= UInt64(fetched.count + called.count)
        if !fetched.isEmpty { completions.append(fetched) }
        if !called.isEmpty { calls.append(called) }
        keep(&fetched)
        keep(&called)
        return isAll
    }

    /// Jobs that the thread no longer looks at, for calls to come.
    func withSpareJobs<Taken>(_ take: (inout [Job]) -> Taken) -> Taken {
        defer { spare.removeAll(keepingCapacity: true) }
        return take(&spare)
    }

    private func sort() -> Bool {
        var waiting = 0
        for index in ended.indices {
            let job = ended[index]
            if job.done == nil {
                fetched.append(job)
            } else if job.hasSubmitReturned {
                called.append(job)
            } else {
                ended.swapAt(waiting, index)
                waiting += 1
            }
        }
        if waiting == 0 {
            JobHandover.empty(&ended)
        } else {
            ended.removeLast(ended.count - waiting)
        }
        return waiting == 0
    }

    /// Keeps jobs for calls to come, except those that somebody still looks at: a queue that has not
    /// passed over a cancelled one, the thread that is about to return from handing it over.
    private func keep(_ jobs: inout [Job]) {
        defer { JobHandover.empty(&jobs) }
        var index = 0
        while index < jobs.count, spare.count < JobInbox.keptJobs {
            if isKnownUniquelyReferenced(&jobs[index]) {
                jobs[index].becomeSpare()
                spare.append(jobs[index])
            }
            index += 1
        }
    }

    /// Keeps the room for the next turn, unless there was a burst.
    static func empty(_ jobs: inout [Job]) {
        jobs.removeAll(keepingCapacity: jobs.count <= 1024)
    }
}
