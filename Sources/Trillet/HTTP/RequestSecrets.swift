import CTrillet

extension HTTPRequest {
    /// Has `mask` hide what the request carries that nobody may see, whoever repeats it.
    @inline(never)
    func hideSecrets(by mask: inout SecretMask) {
        body.hideSecrets(by: &mask)
        var line = headers
        while let header = line {
            let text = Bytes(text: header.pointee.data)
            let nameEnd = text.firstOffset(of: UInt8(ascii: ":")) ?? 0
            if shim_is_secret_name(text.baseAddress, nameEnd) {
                // Without `Bearer` in front of it.
                let space = text.lastOffset(of: UInt8(ascii: " ")) ?? nameEnd
                mask.hide(text.slice(space + 1, text.count))
            }
            line = header.pointee.next
        }
    }
}

extension RequestBody {
    fileprivate func hideSecrets(by mask: inout SecretMask) {
        switch self {
        case .json(let json): mask.hideSecrets(in: json.bytes)
        case .none: break
        case .multipart: break
        }
    }
}
