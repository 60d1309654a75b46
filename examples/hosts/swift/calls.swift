// A blocking call, a contact file, a callback and an answer that is fetched, without a package.
//   swiftc -I /usr/local/include/trillet calls.swift
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
import CTrillet
import Dispatch

/// What waits for an answer; the library carries it to the callback.
final class Waiting {
    let answer = DispatchSemaphore(value: 0)
    var text = ""
}

func taken(_ text: UnsafeMutablePointer<CChar>?) -> String {
    defer { trillet_free(text) }
    return text.map { String(cString: $0) } ?? ""
}

func show(_ what: String, _ member: String, _ json: String) {
    let after = json.split(separator: "\"\(member)\":", maxSplits: 1).last ?? ""
    print("\(what): \(after.prefix { $0.isNumber })")
}

guard let client = trillet_client_new(nil, nil) else {
    fatalError("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?")
}
show("call", "status", taken(trillet_call(client, "agents.list", nil, nil)))
let file = "phone_number\n+12025550164\n12\n"
show("contacts", "accepted", taken(trillet_csv_check(file, file.utf8.count, nil)))
let waiting = Waiting()
let done: trillet_done_fn = { waiting, _, text in  // on a thread of the library
    let waiting = Unmanaged<Waiting>.fromOpaque(waiting!).takeUnretainedValue()
    waiting.text = String(cString: text!)
    waiting.answer.signal()
}
trillet_submit(client, "flows.list", nil, nil, done, Unmanaged.passUnretained(waiting).toOpaque())
waiting.answer.wait()
show("done", "status", waiting.text)
trillet_submit(client, "agents.list", nil, nil, nil, nil)
show("next", "status", taken(trillet_next(client, -1, nil)))
trillet_client_free(client)
