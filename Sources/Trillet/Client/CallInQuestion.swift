extension PreparedRequest {
    /// What `calls.find` needs to know of the call that the request may have made; nil for another.
    var callInQuestion: [UInt8]? {
        guard case .known(let index) = target, index == OperationTable.callsSend.index else {
            return nil
        }
        switch request.body {
        case .json(let json):
            guard let body = try? JSONScanner.check(json.bytes, allowsLoneSurrogates: true),
                let agent = body.find("agentid callagentid", .string),
                let number = body.find("tonumber to", .string)
            else { return nil }
            let elapsed = Int((MonotonicTime.now.microseconds - started.microseconds) / 1000)
            var text = ByteBuffer(capacity: 128)
            text.append("{\"agentId\":")
            text.append(agent.text)
            text.append(",\"toNumber\":")
            text.append(number.text)
            text.append(",\"since\":")
            text.append(decimal: Int(WallClock.milliseconds) - elapsed)
            text.append(UInt8(ascii: "}"))
            return Array(text.bytes)
        default: return nil
        }
    }
}
