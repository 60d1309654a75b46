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
    shim_catalogue()
}

@implementation @_cdecl("trillet_library_info")
public func trillet_library_info() -> UnsafeMutablePointer<CChar>? {
    LibraryInfo.json ?? HostText.outOfMemory
}

@implementation @_cdecl("trillet_free")
public func trillet_free(_ text: UnsafeMutablePointer<CChar>?) {
    HostText.free(text)
}
