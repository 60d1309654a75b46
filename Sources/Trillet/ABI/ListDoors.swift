// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_pager_new")
public func trillet_pager_new(
    _ client: OpaquePointer?,
    _ operation: UnsafePointer<CChar>?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?
) -> OpaquePointer? {
    let pager = Pager(
        client: client.map { handle in Client.from(handle) { $0 } },
        operation: Bytes(text: operation),
        request: Bytes(text: request_json),
        options: Bytes(text: options_json)
    )
    return OpaquePointer(Unmanaged.passRetained(pager).toOpaque())
}

@implementation @_cdecl("trillet_pager_next")
public func trillet_pager_next(_ pager: OpaquePointer?) -> UnsafeMutablePointer<CChar>? {
    guard let pager else { return nil }
    return Unmanaged<Pager>.fromOpaque(UnsafeRawPointer(pager))._withUnsafeGuaranteedRef {
        $0.next()?.text
    }
}

@implementation @_cdecl("trillet_pager_free")
public func trillet_pager_free(_ pager: OpaquePointer?) {
    guard let pager else { return }
    let held = Unmanaged<Pager>.fromOpaque(UnsafeRawPointer(pager))
    held._withUnsafeGuaranteedRef { $0.close() }
    held.release()
}

@implementation @_cdecl("trillet_batch_calls_wait")
public func trillet_batch_calls_wait(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    withClient(client, operation: BatchWait.name.bytes) { client in
        BatchWait.run(
            client,
            request: Bytes(text: request_json),
            options: Bytes(text: options_json),
            progress,
            user_data
        ).text
    }
}

@implementation @_cdecl("trillet_batch_calls_results")
public func trillet_batch_calls_results(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    withClient(client, operation: BatchResults.name.bytes) { client in
        BatchResults.run(
            client,
            request: Bytes(text: request_json),
            options: Bytes(text: options_json),
            progress,
            user_data
        ).text
    }
}
