/// What an answer that is no success says: the table in docs/resilience.md, with a reason for each.
struct StatusMeaning {
    let status: Int
    let content: ErrorContent

    var kind: FailureKind {
        switch status {
        case 429: .rateLimited
        // A page proves nothing about key, resource or state.
        // docs/decisions.md, web-page-is-no-verdict.
        case 400..<500 where content == .page: .response
        case 401: .authentication
        case 403: .permission
        case 404: .notFound
        case 409: .conflict
        case 400..<500: .rejected
        case 500..<600: .server
        default: .response
        }
    }

    /// "no" only where the status is defined as a refusal before the work.
    func sent(saysWhenToRetry: Bool) -> Sent {
        switch status {
        // A filter of answers says it in place of what the service answered.
        case 403 where content.isForeign: .maybe
        // Varnish says it, with a time, of requests that it has lost.
        // docs/decisions.md, filters-in-between.
        case 503: saysWhenToRetry && !content.isForeign ? .no : .maybe
        case 307, 308, 400...405, 407, 409...415, 417, 421...423, 425, 426, 428, 429, 431, 451: .no
        default: .maybe
        }
    }

    func isRetryable(_ isRepeatable: Bool, sent: Sent) -> Bool {
        switch status {
        case 429: true
        case 408, 500, 502, 503, 504: isRepeatable || sent == .no
        default: false
        }
    }

    /// What is said where the service does not say it better.
    func message(_ method: Method) -> Message {
        switch status {
        case 300..<400: return redirect(method)
        case 407:
            return """
                The proxy asks for a user name and a password (407); give them in proxy, like \
                http://user:password@proxy.example:3128
                """
        case 460, 499:
            return "A proxy in front of the service stopped waiting for its answer (\(status))"
        default: break
        }
        switch content {
        case .page:
            return """
                A web page came instead of the service's answer (\(status)); a proxy or a firewall \
                may have sent it, or baseUrl may be wrong
                """
        case .text: return "A text came instead of the service's JSON (\(status))"
        case .empty, .json: return refusal
        }
    }

    private var refusal: Message {
        switch status {
        case 401: "The service does not accept the API key (401)"
        case 403: "The API key may not do this (403)"
        case 404: "The service does not know this resource or path (404)"
        case 429: "The service asks for fewer requests (429)"
        default: "The service answered with status \(status) and no message"
        }
    }

    private func redirect(_ method: Method) -> Message {
        let acted: Message =
            method == .get
            ? ""
            : status == 307 || status == 308
                ? "; nothing was done" : "; the service may have acted before it"
        return """
            The service answered with a redirect (\(status)), which is not followed since the API \
            key would travel with it\(acted); check baseUrl
            """
    }
}

/// What the body of an error is.
enum ErrorContent {
    case empty
    case json
    /// HTML or XML.
    case page
    case text

    init(of bytes: Bytes, isJSON: Bool) {
        if isJSON {
            self = .json
        } else if bytes.isBlank {
            self = .empty
        } else {
            self = bytes.isMarkup ? .page : .text
        }
    }

    /// Whether somebody else than the service may have written it.
    var isForeign: Bool { self == .page || self == .text }
}
