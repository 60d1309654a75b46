import CTrillet

@testable import Trillet

/// The bytes of a test's text, for as long as `body` runs.
func withBytes<Result>(_ text: String, _ body: (Bytes) throws -> Result) rethrows -> Result {
    try withBytes(Array(text.utf8), body)
}

func withBytes<Result>(_ bytes: [UInt8], _ body: (Bytes) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBufferPointer { try body($0) }
}

/// What `write` appends to an empty buffer.
func written(_ write: (inout ByteBuffer) -> Void) -> String {
    var buffer = ByteBuffer()
    write(&buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
}

extension String {
    init(_ message: Message) {
        self.init(decoding: message.bytes, as: UTF8.self)
    }
}

extension String {
    /// The text of a finished log line.
    init(lineOf line: consuming LogLine) {
        self.init(taking: line.finish())
    }

    /// A text that the library made, freed.
    init(taking text: UnsafeMutablePointer<CChar>?) {
        defer { shim_deallocate(text) }
        self.init(decoding: Bytes(text: text), as: UTF8.self)
    }
}

extension JSONText {
    /// From a JSON string with its quotes.
    init(quoted text: Bytes) {
        guard let value = try? JSONScanner.check(text, allowsLoneSurrogates: true),
            value.kind == .string
        else { preconditionFailure("\(String(decoding: text, as: UTF8.self)) is no JSON string") }
        self.init(of: value)
    }
}
