/// JSON Lines of results: the service's own object of each call, behind the id of its batch.
enum ResultLines {
    static func append(_ call: BatchCall, of batchID: [UInt8], to text: inout ByteBuffer) {
        text.append("{\"batchId\":")
        text.append(jsonString: batchID)
        call.object.forEachMember { member in
            if member.name.equals("batchId") { return }
            text.append(UInt8(ascii: ","))
            text.append(member.quotedName)
            text.append(UInt8(ascii: ":"))
            text.append(compactJSON: member.value.text)
        }
        text.append("}\n")
    }
}

extension ByteBuffer {
    /// Appends JSON that has been checked, without the white space between its parts: line ends too.
    fileprivate mutating func append(compactJSON json: Bytes) {
        var isInString = false
        var start = 0
        var index = 0
        while index < json.count {
            let byte = json[index]
            if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString {
                if byte == UInt8(ascii: "\\") { index += 1 }
            } else if byte.isASCIIWhitespace {
                append(json.slice(start, index))
                start = index + 1
            }
            index += 1
        }
        append(json.slice(start, json.count))
    }
}
