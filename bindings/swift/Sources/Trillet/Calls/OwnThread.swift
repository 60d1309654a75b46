import CTrillet
import Dispatch
import Foundation

/// Runs a function of the library that blocks on a thread of its own: those of Swift's tasks are few,
/// and following a batch takes hours.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: work()) }
    }
}

func startThread(_ work: @escaping @Sendable () -> Void) {
    let mine = Unmanaged.passRetained(ThreadWork(work))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        },
        mine.toOpaque()
    )
    guard failure == 0 else {
        // No thread can be had: one of the process's own has to do.
        mine.release()
        DispatchQueue.global().async(execute: work)
        return
    }
    pthread_detach(thread)
}

private final class ThreadWork: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

extension Answer {
    /// Copies a text that the library returned, and frees it.
    static func taking(_ text: UnsafeMutablePointer<CChar>?) -> Answer {
        guard let text else { return Answer(Data()) }
        defer { trillet_free(text) }
        return Answer(copying: text)
    }
}
