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
        return OpaquePointer(Unmanaged.passRetained(client).toOpaque())
    } catch {
        error_json?.pointee = answer(
            error,
            operation: ("client.new" as StaticString).bytes,
            started: started
        )
        return nil
    }
}

@implementation @_cdecl("trillet_client_close")
public func trillet_client_close(_ client: OpaquePointer?, _ timeout_ms: Int32) -> Int32 {
    guard let client else { return -1 }
    return Client.from(client).close(timeoutMilliseconds: timeout_ms)
}

@implementation @_cdecl("trillet_client_free")
public func trillet_client_free(_ client: OpaquePointer?) {
    guard let client, Client.from(client).close(timeoutMilliseconds: 0) >= 0 else { return }
    Unmanaged<Client>.fromOpaque(UnsafeRawPointer(client)).release()
}

extension Client {
    static func from(_ handle: OpaquePointer) -> Client {
        Unmanaged<Client>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
    }

    /// 0 when every call ended by itself, 1 when some were cancelled, -1 in a forked child.
    func close(timeoutMilliseconds: Int32) -> Int32 {
        if isForked { return -1 }
        let deadline =
            timeoutMilliseconds < 0
            ? MonotonicTime.distantFuture
            : MonotonicTime.now.advanced(byMilliseconds: Int(timeoutMilliseconds))
        return pool.close(until: deadline) ? 0 : 1
    }
}
