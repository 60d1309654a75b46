extension JSONValue {
    /// Of the members that have one of these names (see `WordList`), the one whose name comes first
    /// in the list.
    @inline(never)
    func find(_ names: StaticString, _ kind: JSONKind?) -> JSONValue? {
        var best = Int.max
        var value: JSONValue?
        try? forEachMember { (member: JSONMember) throws(Failure) in
            guard kind.map({ $0 == member.value.kind }) ?? (member.value.kind != .null),
                let found = WordList.find(member.name.raw, in: names), found.place < best
            else { return }
            best = found.place
            value = member.value
        }
        return value
    }

    /// A point in time, in Unix milliseconds: the service writes seconds, milliseconds and ISO 8601.
    @inline(never)
    var unixMilliseconds: Int? {
        if kind == .number {
            let point = text.firstOffset(of: UInt8(ascii: ".")) ?? text.count
            let whole = JSONValue(kind: .number, text: text.slice(0, point), hasEscapes: false)
            // An exponent would move the point. The bound is the end of the year 9999.
            guard text.slice(point + 1, text.count).allSatisfy({ $0.isASCIIDigit }),
                let number = whole.integer, (0..<253_402_300_800_000).contains(number)
            else { return nil }
            let secondsEnd = 100_000_000_000
            return number < secondsEnd ? number * 1000 : number
        }
        return (string?.decoded() ?? []).withUnsafeBufferPointer {
            WallClock.milliseconds(ofISO8601: $0).map { Int($0) }
        }
    }
}
