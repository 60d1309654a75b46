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
    let target = RequestTarget.named(Bytes(text: operation))
    return perform(target, on: client, request: request_json, options: options_json)
}

@implementation @_cdecl("trillet_calls_save_recording")
public func trillet_calls_save_recording(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    let target = RequestTarget.named(("calls.recording" as StaticString).bytes)
    let progress = progress.map { DownloadProgress($0, user_data) }
    return perform(target, on: client, request: request_json, options: options_json, progress)
}

private func perform(
    _ target: RequestTarget,
    on handle: OpaquePointer?,
    request: UnsafePointer<CChar>?,
    options: UnsafePointer<CChar>?,
    _ progress: DownloadProgress? = nil
) -> UnsafeMutablePointer<CChar>? {
    let started = MonotonicTime.now
    return withClient(handle, operation: target.name) { client in
        BlockingRequest(client: client, target: target, started: started, progress: progress)
            .run(request: Bytes(text: request), options: Bytes(text: options))
            .text
    }
}

/// Borrows the client behind a handle, whose holder keeps it alive for the call; without one the
/// answer is that.
func withClient(
    _ handle: OpaquePointer?,
    operation: Bytes,
    _ body: (Client) -> UnsafeMutablePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    guard let handle else {
        return FinishedRequest.refused(Failure.withoutClient, operation: operation, started: .now)
            .text
    }
    return Client.from(handle, body)
}

/// The same for what only a client of this process can answer.
func withOwnClient(
    _ handle: OpaquePointer?,
    operation: StaticString,
    _ body: (Client) -> UnsafeMutablePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    withClient(handle, operation: operation.bytes) { client in
        if client.isForked {
            return FinishedRequest.refused(
                Failure.forked,
                operation: operation.bytes,
                started: .now
            ).text
        }
        return body(client)
    }
}
