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
    let pager = Series.make(
        client.map { handle in Client.from(handle) { $0 } },
        operation: Bytes(text: operation),
        request: Bytes(text: request_json),
        options: Bytes(text: options_json)
    )
    return OpaquePointer(Unmanaged.passRetained(pager).toOpaque())
}

@implementation @_cdecl("trillet_pager_next")
public func trillet_pager_next(_ pager: OpaquePointer?) -> UnsafeMutablePointer<CChar>? {
    guard let pager else { return nil }
    return Series.from(pager) { $0.next()?.text }
}

@implementation @_cdecl("trillet_pager_free")
public func trillet_pager_free(_ pager: OpaquePointer?) {
    guard let pager else { return }
    let held = Unmanaged<Series>.fromOpaque(UnsafeRawPointer(pager))
    held._withUnsafeGuaranteedRef { $0.close() }
    held.release()
}

@implementation @_cdecl("trillet_pager_submit")
public func trillet_pager_submit(
    _ pager: OpaquePointer?,
    _ done: trillet_done_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UInt64 {
    guard let pager else { return 0 }
    return Series.from(pager) { $0.submit(done, user_data) }
}

@implementation @_cdecl("trillet_pager_stop")
public func trillet_pager_stop(_ pager: OpaquePointer?) {
    guard let pager else { return }
    Series.from(pager) { if !$0.isBusy { $0.stop() } }
}

@implementation @_cdecl("trillet_batch_calls_wait")
public func trillet_batch_calls_wait(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    follow(client, BatchWait.id, request_json, options_json, progress, user_data)
}

@implementation @_cdecl("trillet_batch_calls_results")
public func trillet_batch_calls_results(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    follow(client, BatchResults.id, request_json, options_json, progress, user_data)
}

@implementation @_cdecl("trillet_calls_wait")
public func trillet_calls_wait(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    follow(client, CallWait.id, request_json, options_json, progress, user_data)
}

@implementation @_cdecl("trillet_calls_find")
public func trillet_calls_find(
    _ client: OpaquePointer?,
    _ request_json: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    follow(client, CallFind.id, request_json, options_json, nil, nil)
}

private func follow(
    _ handle: OpaquePointer?,
    _ operation: StaticString,
    _ request: UnsafePointer<CChar>?,
    _ options: UnsafePointer<CChar>?,
    _ progress: trillet_progress_fn?,
    _ userData: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<CChar>? {
    let started = MonotonicTime.now
    return withClient(handle, operation: operation.bytes) { client in
        do throws(Failure) {
            let series = try Series.following(
                client,
                operation.bytes,
                request: Bytes(text: request),
                options: Bytes(text: options)
            )
            return series?.last(progress, userData).text
        } catch {
            return FinishedRequest.refused(error, operation: operation.bytes, started: started).text
        }
    }
}

extension Series {
    /// Borrows what is behind a handle: its holder keeps it alive for the call.
    fileprivate static func from<Result>(
        _ handle: OpaquePointer,
        _ body: (Series) -> Result
    ) -> Result {
        Unmanaged<Series>.fromOpaque(UnsafeRawPointer(handle))._withUnsafeGuaranteedRef(body)
    }

    fileprivate static func make(
        _ client: Client?,
        operation: Bytes,
        request: Bytes,
        options: Bytes
    ) -> Series {
        do throws(Failure) {
            guard let client else { throw Failure.withoutClient }
            let following = try following(
                client,
                operation,
                request: request,
                options: options
            )
            if let following { return following }
            let pages = try PagerRequest(operation: operation, request: request)
            return Pager(client, pages, options: options)
        } catch {
            return Series(client, name: operation, options: options, mistake: error)
        }
    }

    /// nil for another operation.
    fileprivate static func following(
        _ client: Client,
        _ operation: Bytes,
        request: Bytes,
        options: Bytes
    ) throws(Failure) -> FollowSeries? {
        if operation.equals(CallWait.id) {
            return try CallWait.make(client, request: request, options: options)
        }
        if operation.equals(CallFind.id) {
            return try CallFind.make(client, request: request, options: options)
        }
        if operation.equals(BatchWait.id) {
            return try BatchWait.make(client, request: request, options: options)
        }
        guard operation.equals(BatchResults.id) else { return nil }
        return try BatchResults.make(client, request: request, options: options)
    }
}
