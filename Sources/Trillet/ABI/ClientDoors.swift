// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_client_new")
public func trillet_client_new(
    _ options_json: UnsafePointer<CChar>?,
    _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> OpaquePointer? {
    let started = MonotonicTime.now
    error_json?.pointee = nil
    do throws(Failure) {
        let client = try Client.make(try ClientOptions(json: Bytes(text: options_json)))
        try client.watchExit()
        return OpaquePointer(Unmanaged.passRetained(client).toOpaque())
    } catch {
        let operation = ("client.new" as StaticString).bytes
        error_json?.pointee =
            FinishedRequest.refused(error, operation: operation, started: started).text
        return nil
    }
}

@implementation @_cdecl("trillet_client_close")
public func trillet_client_close(_ client: OpaquePointer?, _ timeout_ms: Int32) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { $0.close(timeoutMilliseconds: timeout_ms) }
}

@implementation @_cdecl("trillet_client_drain")
public func trillet_client_drain(_ client: OpaquePointer?, _ timeout_ms: Int32) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { client in
        if client.mayNotWaitForItself { return -1 }
        return client.drain(until: Client.end(of: Int(timeout_ms))) ? 0 : 1
    }
}

@implementation @_cdecl("trillet_client_begin_drain")
public func trillet_client_begin_drain(_ client: OpaquePointer?) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { client in
        if client.isForked { return -1 }
        client.beginDrain()
        return 0
    }
}

@implementation @_cdecl("trillet_client_warm")
public func trillet_client_warm(
    _ client: OpaquePointer?,
    _ connections: Int32,
    _ timeout_ms: Int32
) -> UnsafeMutablePointer<CChar>? {
    withOwnClient(client, operation: "client.warm") {
        $0.warm(connections: Int(connections), timeoutMilliseconds: Int(timeout_ms)).text
    }
}

@implementation @_cdecl("trillet_client_free")
public func trillet_client_free(_ client: OpaquePointer?) {
    guard let client, Client.from(client, { $0.close(timeoutMilliseconds: 0) }) >= 0 else { return }
    shim_exit_begin_leaving()
    defer { shim_exit_end_leaving() }
    Client.from(client) { $0.forgetExit() }
    Unmanaged<Client>.fromOpaque(UnsafeRawPointer(client)).release()
}

@implementation @_cdecl("trillet_client_stats")
public func trillet_client_stats(_ client: OpaquePointer?) -> UnsafeMutablePointer<CChar>? {
    withOwnClient(client, operation: "client.stats") { $0.statistics() ?? HostText.outOfMemory }
}

@implementation @_cdecl("trillet_client_set_log")
public func trillet_client_set_log(
    _ client: OpaquePointer?,
    _ level: Int32,
    _ log: trillet_log_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> Int32 {
    guard let client, let level = LogLevel(rawValue: level) else { return -1 }
    return Client.from(client) { client in
        client.setLog(level, log, user_data) ? 0 : -1
    }
}

@implementation @_cdecl("trillet_client_set_interrupt")
public func trillet_client_set_interrupt(
    _ client: OpaquePointer?,
    _ check: trillet_interrupt_fn?,
    _ user_data: UnsafeMutableRawPointer?
) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client) { client in
        // While it is being closed or drained, that can be interrupted.
        if client.isForked || client.hasEnded { return -1 }
        client.interruption.set(check, user_data)
        return 0
    }
}

extension Client {
    /// Borrows the client behind a handle: its holder keeps it alive for the call.
    static func from<Result>(_ handle: OpaquePointer, _ body: (Client) -> Result) -> Result {
        Unmanaged<Client>.fromOpaque(UnsafeRawPointer(handle))._withUnsafeGuaranteedRef(body)
    }

    /// 0 when every call ended by itself, 1 when some were cancelled, -1 where it cannot be done.
    fileprivate func close(timeoutMilliseconds: Int32) -> Int32 {
        if mayNotWaitForItself { return -1 }
        return close(until: Client.end(of: Int(timeoutMilliseconds))) ? 0 : 1
    }

    fileprivate var mayNotWaitForItself: Bool { isForked || dispatch.isCurrentThread }
}
