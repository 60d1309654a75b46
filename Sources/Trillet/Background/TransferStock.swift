/// Transfers of the client's own thread that are not under way, to be used again.
struct TransferStock {
    private var idle: [Transfer] = []

    /// Kept while nothing is under way.
    private static let kept = 64

    mutating func take() -> Transfer? { idle.popLast() }

    @_optimize(speed)
    mutating func put(_ transfer: Transfer, isAllIdle: Bool) {
        if transfer.isSpoiled { return }
        transfer.becomeIdle()
        if isAllIdle, idle.count >= TransferStock.kept {
            idle.removeSubrange((TransferStock.kept - 1)..<idle.count)
        }
        idle.append(transfer)
    }

    mutating func removeAll() { idle = [] }
}
