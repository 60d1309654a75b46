// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_webhook_verify")
public func trillet_webhook_verify(
    _ body: UnsafePointer<CChar>?,
    _ length: Int,
    _ signature: UnsafePointer<CChar>?,
    _ options_json: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    var bytes: Bytes? = .empty
    if length != 0 {
        bytes =
            length < 0
            ? nil
            : body.map { start in
                Bytes(
                    start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self),
                    count: length
                )
            }
    }
    return WebhookCheck.run(
        body: bytes,
        signature: Bytes(text: signature),
        options: Bytes(text: options_json)
    ).text
}
