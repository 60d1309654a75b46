import Foundation
import Synchronization

/// A file of results in JSON Lines that grows while it is read.
final class WrittenCalls: Sendable {
    private struct State {
        var offset: UInt64 = 0
        var isRemoved = false
    }

    /// For this user alone: there are phone numbers in it.
    private let folder: String
    private let state = Mutex(State())

    var path: String { folder + "/results.jsonl" }

    init() throws(TrilletError) {
        let temporary = FileManager.default.temporaryDirectory.path
        var template = Array((temporary + "/trillet-results-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else {
            let reason = String(cString: strerror(errno))
            throw TrilletError(
                type: .internal,
                message: "no folder can be made in \(temporary): \(reason)",
                sent: .no,
                meta: CallMeta(operation: Following.Function.results.operation)
            )
        }
        folder = String(cString: made)
    }

    deinit {
        remove()
    }

    /// The calls that have been added since the last time. One that cannot be read is an error: nobody
    /// would miss it otherwise.
    func read() throws(TrilletError) -> [BatchCall] {
        var calls: [BatchCall] = []
        for line in newLines() { calls.append(try WrittenCalls.call(line)) }
        return calls
    }

    private func newLines() -> [Data] {
        state.withLock { state in
            guard !state.isRemoved, let file = FileHandle(forReadingAtPath: path) else { return [] }
            defer { try? file.close() }
            guard (try? file.seek(toOffset: state.offset)) != nil,
                let data = try? file.readToEnd(),
                let last = data.lastIndex(of: UInt8(ascii: "\n"))
            else { return [] }
            let whole = data[data.startIndex...last]
            state.offset += UInt64(whole.count)
            return whole.split(separator: UInt8(ascii: "\n"))
        }
    }

    func remove() {
        let isFirst = state.withLock { state in
            defer { state.isRemoved = true }
            return !state.isRemoved
        }
        if isFirst { try? FileManager.default.removeItem(atPath: folder) }
    }

    private static func call(_ line: Data) throws(TrilletError) -> BatchCall {
        let mended = LoneSurrogates.replaced(in: line)
        do {
            return try JSONDecoder().decode(BatchCall.self, from: mended)
        } catch {
            throw TrilletError(
                type: .response,
                message: "a call of the batch is not as described: \(error)",
                sent: .no,
                body: try? JSONDecoder().decode(JSONValue.self, from: mended),
                meta: CallMeta(operation: Following.Function.results.operation)
            )
        }
    }
}
