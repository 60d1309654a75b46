// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_submit")
public func trillet_submit(
    _ client: OpaquePointer?,
    _ operation: UnsafePointer<CChar>?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ done: trillet_done_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UInt64 {
    guard let client else { return 0 }
    return Client.from(client) { client in
        client.submit(
            operation: Bytes(text: operation),
            request: Bytes(text: request_json),
            options: Bytes(text: options_json),
            done: done,
            userData: user_data
        )
    }
}

@implementation @_cdecl("trillet_cancel")
public func trillet_cancel(_ client: OpaquePointer?, _ id: UInt64) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { client in
        if client.isForked { return -1 }
        return client.dispatch.started?.cancel(id) == true ? 0 : 1
    }
}

@implementation @_cdecl("trillet_next")
public func trillet_next(
    _ client: OpaquePointer?,
    _ timeout_ms: Int32,
    _ id: UnsafeMutablePointer<UInt64>?
) -> UnsafeMutablePointer<CChar>? {
    id?.pointee = 0
    return withOwnClient(client, operation: "client.next") { client in
        let next = client.awaitAnswer(Int(timeout_ms)) { client.completions.next() }
        guard let next else { return nil }
        id?.pointee = next.id
        return next.finished.text
    }
}

@implementation @_cdecl("trillet_next_many")
public func trillet_next_many(
    _ client: OpaquePointer?,
    _ timeout_ms: Int32,
    _ limit: Int32
) -> UnsafeMutablePointer<CChar>? {
    var next: UnsafeMutablePointer<CChar>?
    let refused = withOwnClient(client, operation: "client.next") { client in
        guard limit > 0 else { return refusal(ofLimit: limit).text }
        next = client.awaitAnswer(Int(timeout_ms)) {
            client.completions.nextArray(limit: Int(limit))
        }
        return nil
    }
    guard let refused else { return next }
    var array = AnswerArray(limit: 1)
    if array.append(FinishedRequest(refused), id: 0) { return array.finish() }
    FinishedRequest(refused).free()
    return HostText.outOfMemoryArray
}

private func refusal(ofLimit limit: Int32) -> FinishedRequest {
    let message: Message = "The limit is \(Int(limit)); ask for 1 answer or more"
    let failure = Failure.invalidArgument(message, field: "limit")
    return .refused(failure, operation: ("client.next" as StaticString).bytes, started: .now)
}

@implementation @_cdecl("trillet_completion_fd")
public func trillet_completion_fd(_ client: OpaquePointer?) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { client in
        client.isForked ? -1 : client.readableDescriptor
    }
}

@implementation @_cdecl("trillet_drive")
public func trillet_drive(_ client: OpaquePointer?, _ timeout_ms: Int32) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { $0.drive(timeoutMilliseconds: Int(timeout_ms)) }
}
