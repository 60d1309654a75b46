// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_csv_check")
public func trillet_csv_check(
    _ csv: UnsafePointer<CChar>?,
    _ length: Int,
    _ options_json: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<CChar>? {
    let text = csv.map { start in
        Bytes(
            start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self),
            count: max(0, length)
        )
    }
    return CheckRequest.run(text: text, options: Bytes(text: options_json)).text
}
