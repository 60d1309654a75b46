/// How a line ends.
enum LineEnd {
    case lf, crlf
    /// As on old Macs.
    case cr

    var name: StaticString {
        switch self {
        case .lf: "LF"
        case .crlf: "CRLF"
        case .cr: "CR"
        }
    }

    /// What files that follow this one have: what is written is for programs of today.
    var written: StaticString {
        switch self {
        case .lf, .cr: "\n"
        case .crlf: "\r\n"
        }
    }
}
