import Foundation
import Testing

@testable import Trillet

@Suite("Statistics")
struct StatisticsTests {
    private let statistics = Statistics(operations: [
        ("agents.get" as StaticString).bytes, ("calls.send" as StaticString).bytes,
    ])!

    private func report(
        queue: QueueDepth = QueueDepth(),
        droppedLogLines: Int = 0
    ) throws -> Section {
        let text = String(
            taking: statistics.report(queue: queue, droppedLogLines: droppedLogLines)
        )
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return Section(members: try #require(json as? [String: Any]))
    }

    struct Section {
        let members: [String: Any]

        subscript(_ name: String) -> Section {
            Section(members: members[name] as? [String: Any] ?? [:])
        }

        func number(_ name: String) -> Double? { (members[name] as? NSNumber)?.doubleValue }

        var numbers: [String: Double] {
            members.compactMapValues { ($0 as? NSNumber)?.doubleValue }
        }
    }

    @Test("of a client that has done nothing have all members, and no operation")
    func empty() throws {
        let report = try report()
        #expect(
            Set(report.members.keys)
                == [
                    "uptimeMs", "total", "operations", "waits", "connections", "bytes", "queue",
                    "log",
                ]
        )
        #expect(report["operations"].members.isEmpty)
        #expect(report["total"].number("calls") == 0)
        #expect(
            report["total"]["latencyMs"].numbers
                == ["p50": 0, "p90": 0, "p99": 0, "max": 0, "mean": 0]
        )
        #expect(try #require(report.number("uptimeMs")) >= 0)
    }

    @Test("count each operation for itself and all together")
    func counts() throws {
        statistics.record(RequestRecord(operationIndex: 1, latencyMicroseconds: 20))
        statistics.record(
            RequestRecord(
                operationIndex: 1,
                failure: .timeout,
                latencyMicroseconds: 30,
                retries: 2,
                backoffs: 2,
                backoffMicroseconds: 1_500_250,
                turnWaits: 1,
                turnMicroseconds: 7,
                bytesSent: 400,
                bytesReceived: 9_000_000_000,
                connectionsOpened: 1,
                connectionsReused: 2
            )
        )
        statistics.record(
            RequestRecord(
                operationIndex: 2,
                failure: .timeout,
                latencyMicroseconds: 10,
                bytesSent: 1
            )
        )
        statistics.record(
            RequestRecord(operationIndex: -1, failure: .notFound, latencyMicroseconds: 10)
        )
        let report = try report()
        #expect(Set(report["operations"].members.keys) == ["calls.send", "other"])
        let send = report["operations"]["calls.send"]
        #expect(send.numbers == ["calls": 2, "ok": 1, "retries": 2])
        #expect(send["errors"].numbers == ["timeout": 1])
        #expect(
            send["latencyMs"].numbers
                == ["p50": 0.02, "p90": 0.03, "p99": 0.03, "max": 0.03, "mean": 0.025]
        )
        let other = report["operations"]["other"]
        #expect(other["errors"].numbers == ["timeout": 1, "not_found": 1])
        let total = report["total"]
        #expect(total.numbers == ["calls": 4, "ok": 1, "retries": 2])
        #expect(total["errors"].numbers == ["timeout": 2, "not_found": 1])
        #expect(total["latencyMs"].number("max") == 0.03)
        #expect(report["waits"]["backoff"].numbers == ["count": 2, "ms": 1500.25])
        #expect(report["waits"]["turn"].numbers == ["count": 1, "ms": 0.007])
        #expect(report["bytes"].numbers == ["sent": 401, "received": 9_000_000_000])
        #expect(report["connections"].numbers == ["opened": 1, "reused": 2])
    }

    @Test("name every kind of failure as answers do")
    func failures() throws {
        for kind in FailureKind.allCases {
            statistics.record(
                RequestRecord(operationIndex: 0, failure: kind, latencyMicroseconds: 1)
            )
        }
        let errors = try report()["total"]["errors"].numbers
        #expect(errors.count == FailureKind.allCases.count)
        for kind in FailureKind.allCases {
            #expect(errors[String(decoding: kind.name.bytes, as: UTF8.self)] == 1)
        }
    }

    @Test("pass on the queue and the log as they are told")
    func passesOn() throws {
        let queue = QueueDepth(inFlight: 3, queued: 100_000, completed: 2, rejected: 1)
        let report = try report(queue: queue, droppedLogLines: 17)
        #expect(
            report["queue"].numbers
                == ["inFlight": 3, "queued": 100_000, "completed": 2, "rejected": 1]
        )
        #expect(report["log"].numbers == ["dropped": 17])
    }

    @Test("lose no call of many threads, while others read them")
    func threads() throws {
        let statistics = statistics
        onThreads(5) { thread in
            for round in 0..<1000 {
                if thread == 4 {
                    guard round < 20 else { return }
                    let text = statistics.report(queue: QueueDepth(), droppedLogLines: 0)
                    #expect(String(taking: text).hasSuffix("}}"))
                } else {
                    statistics.record(
                        RequestRecord(operationIndex: thread % 3, latencyMicroseconds: Int64(round))
                    )
                }
            }
        }
        #expect(try report()["total"].number("calls") == 4000)
    }
}
