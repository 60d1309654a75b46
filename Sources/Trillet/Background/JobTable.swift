/// The jobs that have not ended, by the id that the host knows them by.
struct JobTable {
    private var slots: [Job?] = []
    private var free: [Int] = []
    private var generation: UInt64 = 0

    /// The low bits of an id name a slot, the others make it unique.
    private static let slotBits: UInt64 = 24

    var count: Int { slots.count - free.count }
    var isEmpty: Bool { slots.count == free.count }

    @_optimize(speed)
    mutating func insert(_ job: Job) -> UInt64 {
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(nil) }
        generation += 1
        job.id = generation << JobTable.slotBits | UInt64(slot)
        slots[slot] = job
        return job.id
    }

    /// An id for something that has already ended.
    mutating func makeID() -> UInt64 {
        generation += 1
        return (generation + 1) << JobTable.slotBits - 1
    }

    @_optimize(speed)
    func find(_ id: UInt64) -> Job? {
        let slot = JobTable.slot(of: id)
        guard slot < slots.count, let job = slots[slot], job.id == id else { return nil }
        return job
    }

    @_optimize(speed)
    mutating func remove(_ id: UInt64) {
        guard find(id) != nil else { return }
        let slot = JobTable.slot(of: id)
        slots[slot] = nil
        free.append(slot)
    }

    var all: [Job] { slots.compactMap { $0 } }

    private static func slot(of id: UInt64) -> Int {
        Int(id & (1 << slotBits - 1))
    }
}
