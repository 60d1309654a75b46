/// A webhook's body, whatever form it has, read as one event.
///
/// Receivers in use see `{"event","data"}` and flat bodies, with names in camel case and with
/// underscores. Nothing is changed in what is handed on; the body stands beside what was found in it.
struct WebhookEvent {
    private let whole: JSONValue
    private let data: JSONValue
    /// Where flat bodies have what belongs to the call.
    private var metadata: JSONValue?
    private let isFlat: Bool

    init(body: Bytes) throws(Failure) {
        do throws(JSONError) {
            whole = try JSONScanner.check(body, allowsLoneSurrogates: true)
        } catch {
            var failure = JSONInput.failure(error, what: "The body")
            failure.field = "body"
            throw failure
        }
        guard whole.kind == .object else {
            throw Failure.invalidArgument(
                "The body must be a JSON object, not \(whole.kind.name)",
                field: "body"
            )
        }
        let inner = whole.find("data", .object)
        data = inner ?? whole
        isFlat = inner == nil
        metadata = data.find("callmetadata call", .object)
    }

    /// Most specific first.
    @inline(never)
    private func find(_ names: StaticString, _ kind: JSONKind? = .string) -> JSONValue? {
        data.find(names, kind) ?? metadata?.find(names, kind)
            ?? (isFlat ? nil : whole.find(names, kind))
    }

    func write(to text: inout ByteBuffer) {
        let named =
            whole.find("event eventtype type", .string) ?? find("event eventtype")
        let status = find("status callstatus")
        let known =
            named.map { name in
                WordList.find(name.string?.raw ?? .empty, in: WebhookEvent.types)?.word
            } ?? typeOfFlat(status)
        text.append("{\"type\":")
        if let known { text.append(jsonString: known) } else { append(named, &text) }
        // The id of a flat body is that of a call, which all its events share.
        let ids: StaticString = isFlat ? "eventid webhookid" : "eventid webhookid id"
        if let id = whole.find(ids, .string) { append("id", id, &text) }
        // An empty one would make one call of all that have it.
        text.append(member: "callId", (find("callid") ?? find("callid", .number))?.id ?? [])
        if let batch = find("batchid") { append("batchId", batch, &text) }
        append("agentId", find("agentid callagentid") ?? agent, &text)
        text.append(",\"status\":")
        if status == nil, let known, known.slice(0, 5).equals("call.") {
            text.append(jsonString: known.slice(5, known.count))
        } else {
            append(status, &text)
        }
        append("from", find("fromnumber fromphonenumber from"), &text)
        append("to", find("tonumber tophonenumber to"), &text)
        text.append(",\"at\":")
        if let time = milliseconds { text.append(decimal: time) } else { text.append("null") }
        append("data", data, &text)
        append("raw", whole, &text)
        text.append("}")
    }

    private func append(_ name: StaticString, _ value: JSONValue?, _ text: inout ByteBuffer) {
        text.append(",\"")
        text.append(name)
        text.append("\":")
        append(value, &text)
    }

    @inline(never)
    private func append(_ value: JSONValue?, _ text: inout ByteBuffer) {
        if let value { text.append(value.text) } else { text.append("null") }
    }

    private var agent: JSONValue? {
        find("agent", .object)?.find("id", .string)
    }

    private static var types: StaticString {
        "call.completed call.failed call.started sms.sent sms.delivered"
    }

    /// What a body without a name reports: flat ones are sent after a call.
    private func typeOfFlat(_ status: JSONValue?) -> Bytes? {
        let words: StaticString =
            """
            completed ended success failed error busy noanswer canceled cancelled started queued \
            ringing active inprogress initiated
            """
        let place = WordList.find(status?.string?.raw ?? .empty, in: words)?.place
        let hasEnded = find("transcript analytics conversationdata duration", nil) != nil
        guard var place = place ?? (hasEnded ? 1 : nil) else { return nil }
        // "ended" says only that nobody talks any more; how it went stands beside it.
        if place == 1, find("error") != nil || find("outcome")?.string?.equals("failed") == true {
            place = 3
        }
        let types = WebhookEvent.types.bytes
        return place < 3
            ? types.slice(0, 14) : place < 9 ? types.slice(15, 26) : types.slice(27, 39)
    }

    private var milliseconds: Int? {
        find("timestamp at createdat endtime starttime", nil)?.unixMilliseconds
    }
}
