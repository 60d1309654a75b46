/// The jobs that are being sent, by the number that their transfers carry.
struct RunningJobs {
    private var jobs: [Job?] = []
    private var free: [Int] = []

    var count: Int { jobs.count - free.count }
    var isEmpty: Bool { jobs.count == free.count }

    func has(_ id: UInt64, at index: Int) -> Bool {
        index < jobs.count && jobs[index]?.id == id
    }

    mutating func insert(_ job: Job) -> Int {
        let index = free.popLast() ?? jobs.count
        if index == jobs.count { jobs.append(nil) }
        jobs[index] = job
        return index
    }

    mutating func remove(_ index: Int) -> Job? {
        guard index < jobs.count, let job = jobs[index] else { return nil }
        jobs[index] = nil
        free.append(index)
        return job
    }
}
