import Dispatch

/// A thread of its own for work that takes long, such as reading a large file: the threads that
/// answer requests are as few as the machine's cores and stay free for the others.
///
/// One piece of work at a time: several large ones together would take as much longer, and more
/// memory.
enum SerialWorker {
    private static let queue = DispatchQueue(label: "trillet-sandbox.serial-worker", qos: .utility)

    static func run<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withUnsafeThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
