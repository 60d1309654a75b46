import Foundation
import Testing
import Trillet

@Suite("Contact files and batches")
struct BatchTests {
    private static let csv = """
        phone_number,first_name
        +15005550000,Ada
        +15005550001,Ben
        +15005550000,Cy

        """

    @Test("a batch runs from its file to the result of each call")
    func runsABatch() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let report = try await ContactFile.text(BatchTests.csv).check(
            ContactOptions(prompt: "Greet {first_name}.")
        )
        try report.requireValid()
        let batch = try await client.batchCalls.start(agentId: agent.id, csv: BatchTests.csv)
        let states = Lines()
        let end = try await client.batchCalls.wait(
            batchId: batch.batchId,
            follow: FollowOptions(minInterval: .milliseconds(20), maxInterval: .milliseconds(200))
        ) { update in
            states.add(update.state.rawValue)
            return .goOn
        }
        #expect(end.state == .completed)
        #expect(end.endedBy == "batch")
        #expect(end.completed == 2)
        #expect(end.failed == 1)
        #expect(states.all.last == "completed")

        let folder = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/results.csv"
        let written = try await client.batchCalls.writeResults(batchId: batch.batchId, to: file)
        #expect(written.isComplete)
        #expect(written.written == 3)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasPrefix("job_id,status,phone_number"))

        var failed: [BatchCall] = []
        let results = client.batchCalls.results(batchId: batch.batchId, status: .failed)
        for try await call in results { failed.append(call) }
        #expect(failed.map(\.phoneNumber) == ["+15005550001"])
        #expect(failed.first?.error == "Number busy")
        #expect(failed.first?.status == .failed)
        #expect(results.end?.isComplete == true)
    }

    @Test("results come while the batch is running, and end with it")
    func followsResults() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let rows = (0..<40).map { "+1202555\($0 + 1000)" }
        let csv = (["phone_number"] + rows).joined(separator: "\n")
        let batch = try await client.batchCalls.start(agentId: agent.id, csv: csv)
        var numbers: [String] = []
        let follow = FollowOptions(
            minInterval: .milliseconds(20),
            maxInterval: .milliseconds(200)
        )
        for try await call in client.batchCalls.results(
            batchId: batch.batchId,
            wait: true,
            follow: follow
        ) { numbers.append(call.phoneNumber) }
        #expect(numbers.sorted() == rows.sorted())
    }

    @Test("progress, a deadline and a cancelled task each end the wait")
    func endsTheWait() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let batch = try await client.batchCalls.start(
            agentId: agent.id,
            csv: BatchTests.csv,
            scheduledAt: "2099-01-01T00:00:00Z"
        )
        let id = batch.batchId
        let stopped = try await client.batchCalls.wait(batchId: id) { _ in .stop }
        #expect(stopped.endedBy == "progress")
        let late = await failure {
            try await client.batchCalls.wait(
                batchId: id,
                follow: FollowOptions(deadline: .milliseconds(200))
            )
        }
        #expect(late?.type == .timeout)
        #expect(late?.body?["batchId"]?.stringValue == id)
        let looks = Lines()
        let task = Task {
            await failure {
                try await client.batchCalls.wait(batchId: id) { update in
                    looks.add(update.state.rawValue)
                    return .goOn
                }
            }
        }
        #expect(try await until { !looks.all.isEmpty })
        let start = ContinuousClock.now
        task.cancel()
        #expect(await task.value?.type == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(10))
        let cancelled = try await client.batchCalls.cancel(batchId: id)
        #expect(cancelled.batchId == id)
    }

    @Test("a batch that does not exist is an error of its results")
    func refusesUnknownBatches() async throws {
        let client = try Sandbox.shared.client()
        let error = await failure {
            for try await _ in client.batchCalls.results(batchId: "batch_0") {}
        }
        #expect(error?.type == .notFound)
    }

    @Test("a contact file with rows that cannot be called names them")
    func checksContacts() async throws {
        let bytes = Array("phone_number\n+12025550164\n555\n".utf8)
        let report = try await ContactFile.bytes(bytes).check()
        #expect(!report.valid)
        #expect(report.rows.accepted == 1)
        #expect(report.problems.first?.row == 2)
        #expect(report.problems.first?.severity == .error)
        let error = #expect(throws: TrilletError.self) { try report.requireValid() }
        #expect(error?.code == "contacts")
        #expect(error?.details?.contains("row 2") == true)
    }

    @Test("a contact file that is not there, or empty, is an error")
    func refusesMissingFiles() async {
        let missing = await failure { try await ContactFile.path("/nowhere/contacts.csv").check() }
        #expect(missing?.type == .invalidArgument)
        #expect(missing?.field == "file")
        let empty = await failure { try await ContactFile.text("").check() }
        #expect(empty?.code == "empty")
    }
}
