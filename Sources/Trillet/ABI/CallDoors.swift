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
    perform(.known(operation), on: handle, request: request, options: options)
}

@implementation @_cdecl("trillet_call")
public func trillet_call(
    _ client: OpaquePointer?,
    _ operation: UnsafePointer<CChar>?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let target = CallTarget.named(Bytes(text: operation))
    return perform(target, on: client, request: request_json, options: options_json)
}

private func perform(
    _ target: CallTarget,
    on handle: OpaquePointer?,
    request: UnsafePointer<CChar>?,
    options: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let started = MonotonicTime.now
    guard let handle else { return refuse(nullClient, operation: target.name, started: started) }
    return Client.from(handle) { client in
        Call(client: client, target: target, started: started)
            .run(request: Bytes(text: request), options: Bytes(text: options))
            .text
    }
}

var nullClient: Failure {
    Failure.invalidArgument("The client is NULL", field: "client")
}

/// The answer to a call for which there is no client, or none of this process.
func refuse(
    _ failure: Failure,
    operation: Bytes,
    started: MonotonicTime
) -> UnsafeMutablePointer<CChar>? {
    let elapsed = MonotonicTime.now.microseconds - started.microseconds
    let meta = CallMeta(operation: operation, elapsedMicroseconds: elapsed)
    return Envelope(meta).failure(failure, body: .none, requestID: .empty) ?? OutOfMemory.text
}
