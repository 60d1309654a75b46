import CTrillet

/// What stands in one of the arrays of constants.
protocol Constant {
    init(at index: Int)
}

/// Entries of such an array that follow each other.
struct Constants<Element: Constant>: RandomAccessCollection {
    private let first: Int
    let count: Int

    init(_ range: shim_range) {
        first = Int(range.first)
        count = Int(range.count)
    }

    /// Of a table, all of it.
    init(count: Int) {
        first = 0
        self.count = count
    }

    /// No entries.
    init() {
        self.init(count: 0)
    }

    var range: shim_range {
        shim_range(
            first: UInt16(truncatingIfNeeded: first),
            count: UInt16(truncatingIfNeeded: count)
        )
    }

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> Element { Element(at: first + index) }
}

/// One of several texts.
struct Word: Constant {
    let bytes: Bytes

    init(at index: Int) {
        bytes = Bytes(constant: shim_word_at(Int64(index)).pointee)
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    init(constant text: shim_text) {
        self.init(
            start: UnsafeRawPointer(shim_text_at(text.offset)).assumingMemoryBound(to: UInt8.self),
            count: Int(text.length)
        )
    }

    /// nil where there is none.
    init?(optionalConstant text: shim_text) {
        guard text.length > 0 else { return nil }
        self.init(constant: text)
    }
}
