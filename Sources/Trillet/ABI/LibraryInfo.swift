import CTrillet

/// What this library is and what it runs with, for a report of a problem.
enum LibraryInfo {
    /// One JSON object, which the receiver frees.
    static var json: UnsafeMutablePointer<CChar>? {
        let facts = shim_library_facts()
        var options = ClientOptions()
        options.readEnvironment()
        var json = ByteBuffer(capacity: 256)
        json.append("{\"version\":")
        json.append(jsonString: LibraryVersion.text.bytes)
        json.append(",\"abi\":")
        json.append(decimal: Int(LibraryVersion.abi))
        json.append(",\"libcurl\":")
        json.append(jsonString: Bytes(text: facts.libcurl))
        json.append(",\"tls\":")
        json.append(jsonString: Bytes(text: facts.tls))
        json.append(",\"http2\":")
        json.append(facts.has_http2 != 0 ? "true" : "false")
        json.append(",\"bundled\":")
        json.append(facts.is_bundled != 0 ? "true" : "false")
        json.append(",\"caFile\":")
        if let named = options.caFile {
            json.append(jsonString: named)
        } else if let file = facts.ca_file {
            json.append(jsonString: Bytes(text: file))
        } else {
            json.append("null")
        }
        json.append("}")
        return json.detach()
    }
}
