// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

/// A named operation, the whole of it: the generated endpoint functions end here.
func perform(
    _ operation: Operation,
    on handle: OpaquePointer?,
    request: UnsafePointer<CChar>?,
    options: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let id = operation.id.bytes
    return withClient(handle, operation: id) { client, started in
        Call(client: client, operation: id, answerKind: operation.answer, started: started).run(
            request: Bytes(text: request),
            options: Bytes(text: options)
        ) { options in
            RequestBuilder(operation, style: options.routes, validates: options.validates)
        }
    }
}

@implementation @_cdecl("trillet_call")
public func trillet_call(
    _ client: OpaquePointer?,
    _ operation: UnsafePointer<CChar>?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let name = Bytes(text: operation)
    for known in OperationTable.all where name.equals(known.id) {
        return perform(known, on: client, request: request_json, options: options_json)
    }
    return withClient(client, operation: RawOperation.shownName(name)) { client, started in
        Call(
            client: client,
            operation: RawOperation.shownName(name),
            answerKind: nil,
            started: started
        ).run(
            request: Bytes(text: request_json),
            options: Bytes(text: options_json)
        ) { (_) throws(Failure) in
            let raw = try RawOperation.parse(name)
            return RequestBuilder(raw: raw.method, path: raw.path)
        }
    }
}

private func withClient(
    _ handle: OpaquePointer?,
    operation: Bytes,
    _ body: (Client, MonotonicTime) -> UnsafeMutablePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let started = MonotonicTime.now
    guard let handle else {
        let failure = Failure.invalidArgument("The client is NULL", field: "client")
        return answer(failure, operation: operation, started: started)
    }
    return body(Client.from(handle), started) ?? OutOfMemory.answer
}

func answer(
    _ failure: Failure,
    operation: Bytes,
    started: MonotonicTime
) -> UnsafeMutablePointer<CChar>? {
    let meta = CallMeta(operation: operation, started: started)
    return Envelope(meta).failure(failure, body: .none, requestID: .empty) ?? OutOfMemory.answer
}
