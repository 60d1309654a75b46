// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTrillet

@implementation @_cdecl("trillet_version")
public func trillet_version() -> UnsafePointer<CChar>? {
    LibraryVersion.text.cText
}

@implementation @_cdecl("trillet_abi")
public func trillet_abi() -> Int32 {
    LibraryVersion.abi
}

@implementation @_cdecl("trillet_operations")
public func trillet_operations() -> UnsafePointer<CChar>? {
    Catalogue.json.cText
}

@implementation @_cdecl("trillet_free")
public func trillet_free(_ text: UnsafeMutablePointer<CChar>?) {
    if text == OutOfMemory.answer { return }
    shim_deallocate(text)
}

/// The answer that needs no memory; `trillet_free` leaves it alone.
enum OutOfMemory {
    private static let text: StaticString = """
        {"ok":false,"status":0,"error":{"type":"internal","message":"There is not enough memory \
        for the answer","sent":"maybe","retryable":false},"meta":{"operation":"","attempts":0,\
        "elapsedMs":0.0,"requestId":null}}
        """

    static var answer: UnsafeMutablePointer<CChar>? {
        UnsafeMutablePointer(mutating: text.cText)
    }
}
