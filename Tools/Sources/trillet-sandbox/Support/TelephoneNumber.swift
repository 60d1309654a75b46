/// Telephone numbers in E.164 form.
enum TelephoneNumber {
    /// `^\+[1-9]\d{6,14}$`
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (8...16).contains(bytes.count), bytes.first == UInt8(ascii: "+") else { return false }
        let digits = bytes.dropFirst()
        return digits.first != UInt8(ascii: "0")
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The number without spaces, dashes, dots and brackets, or `nil` when the rest is not E.164.
    static func normalised(_ text: String) -> String? {
        if isValid(text) { return text }
        let digits = text.filter { !" \t-.()[]".contains($0) }
        return isValid(digits) ? digits : nil
    }

    /// The fictional number at `index`: 555-0100 to 555-0199 of each North American area code.
    static func fictional(_ index: Int) -> String {
        let area = areaCodes[index / 100 % areaCodes.count]
        let line = index % 100
        return "+1\(area)55501" + (line < 10 ? "0" : "") + String(line)
    }

    private static let areaCodes: [Int] = [202] + (203...989).filter { $0 % 100 != 11 && $0 != 555 }
}
