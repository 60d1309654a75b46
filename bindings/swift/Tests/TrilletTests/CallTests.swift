import Foundation
import Testing
import Trillet

@Suite("Calls, followed to their end")
struct CallTests {
    private static let quick = CallFollowOptions(
        deadline: .seconds(120),
        minInterval: .milliseconds(20),
        maxInterval: .milliseconds(200)
    )

    @Test("a call is followed from its send to its outcome, and progress hears of it")
    func followsACall() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let call = try await client.calls.send(agentId: agent.id, toNumber: "+15005550000")
        let states = Lines()
        let end = try await client.calls.wait(call, follow: CallTests.quick) { update in
            for change in update.changes { states.add(change.state.rawValue) }
            return .goOn
        }
        #expect(end.state == .ended)
        #expect(end.outcome == .completed)
        #expect(end.callId == call.callId)
        #expect(end.matchedBy == "callId")
        #expect(end.endedBy == "calls")
        #expect(end.record?.callId == call.callId)
        #expect((end.record?.cost ?? 0) > 0)
        #expect(end.record?.transcript?.isEmpty == false)
        #expect(states.all.last == "ended")
    }

    @Test("many calls are followed in one wait, and come back in the order given")
    func followsManyCalls() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let numbers = ["+15005550000", "+15005550001", "+15005550000"]
        var calls: [Call] = []
        for number in numbers {
            calls.append(try await client.calls.send(agentId: agent.id, toNumber: number))
        }
        let ends = try await client.calls.wait(calls, follow: CallTests.quick)
        #expect(ends.state == .ended)
        #expect(ends.total == 3)
        #expect(ends.ended == 3)
        #expect(ends.calls.map(\.callId) == calls.map(\.callId))
        #expect(ends.calls.map(\.outcome) == [.completed, .busy, .completed])
        let first = try await client.calls.wait(CallName(id: calls[1].callId))
        #expect(first.outcome == .busy)
    }

    @Test("progress, a deadline and a cancelled task each end the wait")
    func endsTheWait() async throws {
        let client = try Sandbox.shared.client()
        let missing = CallName(id: "none")
        let stopped = try await client.calls.wait(missing) { _ in .stop }
        #expect(stopped.endedBy == "progress")
        #expect(stopped.state == .notListed)
        let late = await failure {
            try await client.calls.wait(
                missing,
                follow: CallFollowOptions(deadline: .milliseconds(200))
            )
        }
        #expect(late?.type == .timeout)
        #expect(late?.body?["state"]?.stringValue == "not_listed")
        let looks = Lines()
        let task = Task {
            await failure {
                try await client.calls.wait(missing) { update in
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
    }

    @Test("a call whose answer was lost is found, and one that was never made is not")
    func findsACall() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let number = "+15005550000"
        let lost = await failure {
            try await client.calls.send(
                agentId: agent.id,
                toNumber: number,
                options: striking("reset; when=after")
            )
        }
        let error = try #require(lost)
        #expect(error.sent == .maybe)
        #expect(error.find?["toNumber"]?.stringValue == number)
        let found = try await client.calls.find(error)
        #expect(found.found == .yes)
        #expect(found.record?.toPhoneNumber == number)
        let never = try await client.calls.find(
            agentId: agent.id,
            toNumber: "+12025550164",
            since: .now,
            settle: .milliseconds(300)
        )
        #expect(never.found == .no)
        #expect(never.record == nil)
    }

    @Test("an error that is about no call is refused")
    func refusesOtherErrors() async throws {
        let client = try Sandbox.shared.client()
        let other = try #require(await failure { try await client.agents.get(agentId: "none") })
        let error = await failure { try await client.calls.find(other) }
        #expect(error?.type == .invalidArgument)
        #expect(error?.field == "toNumber")
    }
}
