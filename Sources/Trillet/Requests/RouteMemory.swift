import CTrillet

/// Which of its two routes the service has for an operation, as its answers have shown.
/// docs/decisions.md, auto-routes.
struct RouteMemory: ~Copyable {
    /// One for each operation.
    private let known: UnsafeMutablePointer<Int32>

    /// Nobody knows yet.
    private static let open: Int32 = 0
    private static let overview: Int32 = 1
    private static let published: Int32 = 2

    init() {
        known = .allocate(capacity: OperationTable.all.count)
        for operation in OperationTable.all {
            (known + operation.index).initialize(
                to: operation.hasTwoRoutes ? RouteMemory.open : RouteMemory.overview
            )
        }
    }

    deinit {
        known.deallocate()
    }

    func isOpen(_ target: RequestTarget) -> Bool { value(of: target) == RouteMemory.open }

    /// The route that a request without a wish of its own begins with.
    func style(of target: RequestTarget) -> RouteStyle {
        value(of: target) == RouteMemory.published ? .published : .overview
    }

    func learn(_ style: RouteStyle, of target: RequestTarget) {
        guard case .known(let index) = target else { return }
        let new = style == .published ? RouteMemory.published : RouteMemory.overview
        shim_flag_store(known + index, new)
    }

    @inline(__always)
    private func value(of target: RequestTarget) -> Int32 {
        switch target {
        case .known(let index): shim_flag_load(known + index)
        case .raw: RouteMemory.overview
        }
    }
}
