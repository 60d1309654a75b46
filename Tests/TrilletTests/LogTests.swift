import Foundation
import Testing

@testable import Trillet

@Suite("The log")
struct LogTests {
    private let log = Log(mask: SecretMask([Array("sandbox-key".utf8)]))!

    private func append(_ number: Int, level: LogLevel = .info) -> Bool {
        var line = log.line("test")
        line.add("number", number)
        return log.append(level, line)
    }

    private func deliverAll() {
        while log.hasLines { log.deliver() }
    }

    @Test("takes no lines before a function for them is chosen, and none after it is taken away")
    func off() {
        let sink = RecordingSink()
        #expect(!log.isEnabled(.error))
        #expect(!append(1, level: .error))
        sink.receive(log, .debug)
        log.set(level: .debug, function: nil, userData: nil, calledFrom: false)
        #expect(!log.isEnabled(.error))
        sink.receive(log, .off)
        #expect(!log.isEnabled(.error))
        #expect(!append(1, level: .error))
        #expect(!log.hasLines)
    }

    @Test(
        "takes lines of the level that is wanted and of more urgent ones",
        arguments: [.error, .warning, .info, .debug] as [LogLevel]
    )
    func levels(_ wanted: LogLevel) {
        let sink = RecordingSink()
        sink.receive(log, wanted)
        for level in [.debug, .info, .warning, .error] as [LogLevel] {
            #expect(log.isEnabled(level) == (level.rawValue <= wanted.rawValue))
            _ = append(0, level: level)
        }
        #expect(!log.isEnabled(.off))
        deliverAll()
        #expect(sink.levels == [4, 3, 2, 1].filter { $0 <= wanted.rawValue })
    }

    @Test("asks to be woken for the first line of an empty queue only")
    func waking() {
        let sink = RecordingSink()
        sink.receive(log, .info)
        #expect(append(1))
        #expect(!append(2))
        deliverAll()
        #expect(append(3))
        deliverAll()
        #expect(sink.numbers == [1, 2, 3])
    }

    @Test("drops what comes when 1,024 lines wait, and tells how much was lost")
    func overflow() {
        let sink = RecordingSink()
        sink.receive(log, .info)
        for number in 0..<1030 { _ = append(number) }
        #expect(log.droppedLines == 6)
        deliverAll()
        #expect(sink.lines.first == "event=log_lines_lost count=6")
        #expect(sink.levels.first == LogLevel.warning.rawValue)
        #expect(sink.numbers == Array(0..<1024))
        #expect(append(7))
        deliverAll()
        #expect(sink.lines.last == "event=test number=7")
        #expect(sink.lines.count == 1026)
        #expect(log.droppedLines == 6)
    }

    @Test("reports lost errors as an error where nothing else is wanted")
    func lostErrors() {
        let sink = RecordingSink()
        sink.receive(log, .error)
        for number in 0..<1025 { _ = append(number, level: .error) }
        deliverAll()
        #expect(sink.lines.first == "event=log_lines_lost count=1")
        #expect(sink.levels.allSatisfy { $0 == LogLevel.error.rawValue })
    }

    @Test("delivers no more than some lines in one turn")
    func turns() {
        let sink = RecordingSink()
        sink.receive(log, .info)
        for number in 0..<100 { _ = append(number) }
        log.deliver()
        #expect(sink.lines.count < 100)
        #expect(log.hasLines)
        deliverAll()
        #expect(sink.numbers == Array(0..<100))
    }

    @Test("hands no line to another function than the one it was written for")
    func discards() {
        let former = RecordingSink()
        let next = RecordingSink()
        former.receive(log, .info)
        for number in 0..<1030 { _ = append(number) }
        next.receive(log, .info)
        #expect(!log.hasLines)
        #expect(append(1))
        deliverAll()
        #expect(former.lines.isEmpty)
        #expect(next.lines == ["event=test number=1"])
    }

    @Test("lets its function choose another one")
    func choosesFromInside() {
        let next = RecordingSink()
        let first = RecordingSink()
        first.onLine = { [log] in next.receive(log, .info, calledFrom: true) }
        first.receive(log, .info)
        _ = append(1)
        _ = append(2)
        deliverAll()
        _ = append(3)
        deliverAll()
        #expect(first.numbers == [1])
        #expect(next.numbers == [3])
    }

    @Test("lets its function append a line and ask for the level")
    func appendsFromInside() {
        let sink = RecordingSink()
        sink.onLine = { [log] in
            if log.isEnabled(.debug) { return }
            _ = log.append(.info, log.line("nested"))
            sink.onLine = {}
        }
        sink.receive(log, .info)
        _ = append(1)
        deliverAll()
        #expect(sink.lines == ["event=test number=1", "event=nested"])
    }

    @Test("waits for its function before another one takes its place")
    func waitsForSink() {
        let started = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let replaced = DispatchSemaphore(value: 0)
        let slow = RecordingSink()
        let next = RecordingSink()
        slow.onLine = {
            started.signal()
            _ = mayEnd.wait(timeout: .now() + .seconds(20))
        }
        slow.receive(log, .info)
        _ = append(1)
        let log = log
        let delivering = Thread { log.deliver() }
        delivering.start()
        #expect(started.wait(timeout: .now() + .seconds(20)) == .success)
        Thread {
            next.receive(log, .info)
            #expect(slow.numbers == [1])
            replaced.signal()
        }.start()
        #expect(replaced.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        mayEnd.signal()
        #expect(replaced.wait(timeout: .now() + .seconds(20)) == .success)
    }

    @Test("calls no function that was replaced, however often that happens under load")
    func replacedUnderLoad() {
        let log = log
        let isOver = Flag()
        onThreads(4) { thread in
            switch thread {
            case 0:
                for round in 0..<300 {
                    let sink = RecordingSink()
                    #expect(sink.receive(log, round % 3 == 0 ? .debug : .info))
                    Thread.sleep(forTimeInterval: 0.0001)
                    log.set(level: .off, function: nil, userData: nil, calledFrom: false)
                    sink.retire()
                }
                isOver.set()
            case 1:
                while !isOver.isSet {
                    log.deliver()
                    Thread.sleep(forTimeInterval: 0.00002)
                }
            default:
                while !isOver.isSet {
                    for _ in 0..<20 where log.isEnabled(.info) {
                        _ = log.append(.info, log.line("load"))
                    }
                    Thread.sleep(forTimeInterval: 0.00005)
                }
            }
        }
    }

    @Test("loses no line of many threads and keeps the order of each, when it is woken as it asks")
    func manyProducers() {
        let log = log
        let sink = RecordingSink()
        sink.receive(log, .info)
        let producers = 4
        let lines = 2000
        let wake = DispatchSemaphore(value: 0)
        // As many lines may wait as there is room for; the log itself never waits.
        let room = DispatchSemaphore(value: 1000)
        sink.onLine = { room.signal() }
        onThreads(producers + 1) { thread in
            if thread == producers {
                while sink.count < producers * lines {
                    guard wake.wait(timeout: .now() + .seconds(20)) == .success else {
                        Issue.record("a line waits, and nobody was woken for it")
                        return
                    }
                    while log.hasLines { log.deliver() }
                }
                return
            }
            for number in 0..<lines {
                guard room.wait(timeout: .now() + .seconds(20)) == .success else {
                    Issue.record("nobody takes the lines")
                    return
                }
                var line = log.line("test")
                line.add("number", thread * lines + number)
                if log.append(.info, line) { wake.signal() }
            }
        }
        let numbers = sink.numbers
        #expect(numbers.count == producers * lines)
        for producer in 0..<producers {
            let range = producer * lines..<(producer + 1) * lines
            #expect(numbers.filter { range.contains($0) } == Array(range))
        }
        #expect(log.droppedLines == 0)
    }

    @Test("frees lines that nobody took")
    func freesLines() {
        let sink = RecordingSink()
        sink.receive(log, .info)
        for number in 0..<10 { _ = append(number) }
        #expect(sink.lines.isEmpty)
    }
}

/// A host's log function and what it was called with.
final class RecordingSink: @unchecked Sendable {
    private let lock = NSLock()
    private var received: [(level: Int32, text: String)] = []
    private var isRetired = false
    /// Called with each line, without a lock held.
    var onLine: @Sendable () -> Void = {}

    @discardableResult
    func receive(_ log: Log, _ level: LogLevel, calledFrom isLoopThread: Bool = false) -> Bool {
        log.set(
            level: level,
            function: { userData, level, text in
                guard let userData, let text else { return }
                let sink = Unmanaged<RecordingSink>.fromOpaque(userData).takeUnretainedValue()
                sink.onLine()
                sink.record(level, String(cString: text))
            },
            userData: Unmanaged.passUnretained(self).toOpaque(),
            calledFrom: isLoopThread
        )
    }

    /// From now on a line is a mistake: the host has freed its user data.
    func retire() {
        lock.withLock { isRetired = true }
    }

    private func record(_ level: Int32, _ text: String) {
        lock.withLock {
            #expect(!isRetired)
            received.append((level, text))
        }
    }

    var count: Int { lock.withLock { received.count } }
    var lines: [String] { lock.withLock { received.map(\.text) } }
    var levels: [Int32] { lock.withLock { received.map(\.level) } }
    var numbers: [Int] {
        lines.compactMap { $0.split(separator: "number=").dropFirst().first.flatMap { Int($0) } }
    }
}

final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isSet: Bool { lock.withLock { value } }

    func set() {
        lock.withLock { value = true }
    }
}
