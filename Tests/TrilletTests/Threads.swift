import Foundation

/// Runs `body` on as many threads of their own and returns when all have ended. (Dispatch would
/// run no more at once than there are cores, and these wait for each other.)
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread {
            body(index)
            group.leave()
        }.start()
    }
    group.wait()
}
