import CTrillet

/// Puts the members of a flat request where the operation wants them: path, query or body.
///
/// It reads the caller's text once. Values are copied as they stand, so a number keeps every
/// digit that it was written with.
struct RequestBuilder: ~Copyable {
    private let method: Method
    private let path: Bytes
    private let body: BodyKind
    private let fields: Constants<Field>
    private let style: RouteStyle
    private let validates: Bool
    /// The operation of which each field must be one.
    private let strict: Operation?
    private let appendedFields: Constants<Word>
    private let checksContacts: Bool
    /// Whether the text gives one of those.
    private var appendsSomething = false

    /// One bit for each field of the operation that the text names.
    private var named: UInt64 = 0
    /// One bit for each of those that has a value, which null is not.
    private var given: UInt64 = 0
    private var pathValues: [PathValue] = []
    private var query = ByteBuffer()
    private var json = ByteBuffer()
    private var parts: [FormPart] = []
    private var upload: Upload
    private var downloadPath: JSONText?

    private struct PathValue {
        let field: Int
        let value: JSONValue
    }

    init(_ operation: Operation, style: RouteStyle, validation: Validation) {
        let route = operation.route(style)
        method = route.method
        path = route.path
        body = operation.body
        fields = operation.fields
        self.style = style
        validates = validation != .off
        strict = validation == .strict ? operation : nil
        appendedFields = route.appendedFields
        checksContacts = operation.checksContacts && validates
        upload = Upload(
            part: operation.filePart ?? Upload.noPart,
            takesText: fields.contains { $0.place == .fileText }
        )
    }

    /// A path without a name: it has no fields that could be checked or placed.
    init(raw method: Method, path: Bytes) {
        self.method = method
        self.path = path
        body = method.hasBody ? .json : .none
        fields = Constants()
        style = .overview
        validates = false
        strict = nil
        appendedFields = RawOperation.appendedFields(method, path)
        checksContacts = false
        upload = Upload(part: Upload.noPart, takesText: false)
    }

    /// The request's JSON goes into `block`, which saves making one.
    @inline(__always)
    consuming func build(
        from text: Bytes,
        into block: consuming ByteBuffer = ByteBuffer(),
        baseURL: Bytes,
        timeoutMilliseconds: Int,
        notAfter: BootTime
    ) throws(Failure) -> HTTPRequest {
        json = block
        try read(text)
        if let strict { try UnknownFields.refuse(in: text, of: strict, style) }
        try checkRequired()
        let url = try makeURL(baseURL)
        return HTTPRequest(
            method: method,
            url: url,
            body: try takeBody(),
            isRepeatable: method.isRepeatable && !appendsSomething,
            timeoutMilliseconds: timeoutMilliseconds,
            notAfter: notAfter,
            headers: nil,
            download: try downloadPath.map { path throws(Failure) in
                try Download(path: path.decoded())
            }
        )
    }

    private mutating func takeBody() throws(Failure) -> RequestBody {
        switch body {
        case .none:
            return .none
        case .json:
            json.append(json.count == 0 ? "{}" : "}")
            if json.isOutOfMemory { throw Failure.outOfMemory }
            var finished = ByteBuffer()
            swap(&finished, &json)
            return .json(finished)
        case .multipart:
            parts.append(try upload.part(checksContacts: checksContacts))
            return .multipart(parts)
        }
    }

    // MARK: Reading the request

    @_optimize(speed)
    private mutating func read(_ text: Bytes) throws(Failure) {
        if text.count == 0 { return }
        var mistake: Failure?
        do throws(JSONError) {
            var reader = try JSONObjectReader(text: text, allowsLoneSurrogates: false)
            if body == .json { json.reserve(text.count) }
            while let member = try reader.next() {
                // An ill-formed text is reported as that, wherever in it the mistake is.
                if mistake != nil { continue }
                do throws(Failure) { try place(member) } catch { mistake = error }
            }
        } catch {
            throw try RequestBuilder.explain(error, of: text)
        }
        if let mistake { throw mistake }
    }

    private static func explain(_ error: JSONError, of text: Bytes) throws(Failure) -> Failure {
        // Well-formed JSON that is no object gets an error that says so.
        _ = try JSONInput.checkObject(text, what: "The request")
        return JSONInput.failure(error, what: "The request")
    }

    @_optimize(speed)
    private mutating func place(_ member: JSONMember) throws(Failure) {
        for name in appendedFields where member.name.equals(name.bytes) { appendsSomething = true }
        guard let index = fieldIndex(of: member.name) else {
            try placeUnknown(member)
            return
        }
        let field = fields[index]
        let bit = UInt64(1) << UInt64(index & 63)
        guard named & bit == 0 else {
            throw Failure.invalidArgument(
                "'\(field.name)' is given twice; which one is meant?",
                field: "\(field.name)"
            )
        }
        named |= bit
        if validates { try FieldCheck.check(member.value, as: field) }
        if member.value.kind != .null { given |= bit }
        switch field.place {
        case .path:
            pathValues.append(PathValue(field: index, value: member.value))
        case .query:
            appendQuery(name: wireName(of: field), member.value)
        case .body:
            placeInBody(member, of: field)
        case .filePath:
            upload.path = try string(of: member, in: field)
        case .fileText:
            upload.text = try string(of: member, in: field)
        case .fileName:
            upload.fileName = try string(of: member, in: field)
        case .downloadPath:
            downloadPath = try string(of: member, in: field)
        }
    }

    private func wireName(of field: Field) -> Bytes {
        style == .published ? field.publishedName : field.name
    }

    @_optimize(speed)
    private func fieldIndex(of name: JSONText) -> Int? {
        for index in fields.indices {
            if name.equals(fields[index].name) { return index }
            if style == .published, name.equals(fields[index].publishedName) { return index }
        }
        return nil
    }

    private func string(of member: JSONMember, in field: Field) throws(Failure) -> JSONText? {
        if member.value.kind == .null { return nil }
        guard let string = member.value.string else {
            throw Failure.invalidArgument(
                "'\(field.name)' must be a string, not \(member.value.kind.name)",
                field: "\(field.name)"
            )
        }
        return string
    }

    /// A field that the description does not know goes where the service would look for it.
    private mutating func placeUnknown(_ member: JSONMember) throws(Failure) {
        switch body {
        case .json:
            appendBody(member)
        case .multipart:
            // It stands in a header of its part.
            guard !member.name.decoded().contains(where: { $0.isControl }) else {
                throw Failure.invalidArgument(
                    "The name of a field must not have control characters in it",
                    field: Message(member.name.decoded())
                )
            }
            appendPart(name: .given(member.name), value: member.value)
        case .none:
            var name = ByteBuffer()
            member.name.decode(into: &name)
            appendQuery(name: name.bytes, member.value)
        }
    }

    @_optimize(speed)
    private mutating func placeInBody(_ member: JSONMember, of field: Field) {
        if body == .multipart {
            appendPart(name: .known(wireName(of: field)), value: member.value)
            return
        }
        let name = wireName(of: field)
        if member.name.raw.equals(name) {
            appendBody(member)
        } else {
            beginMember()
            json.append(jsonString: name)
            json.append(UInt8(ascii: ":"))
            json.append(member.value.text)
        }
    }

    // MARK: Writing what is sent

    @_optimize(speed)
    private mutating func appendBody(_ member: JSONMember) {
        beginMember()
        if member.isCompact {
            json.append(member.text)
        } else {
            json.append(member.quotedName)
            json.append(UInt8(ascii: ":"))
            json.append(member.value.text)
        }
    }

    private mutating func beginMember() {
        json.append(json.count == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
    }

    private mutating func appendPart(name: FormPart.Name, value: JSONValue) {
        switch value.kind {
        case .null:
            break
        default:
            let content = value.string.map { FormPart.Content.string($0) }
            parts.append(FormPart(name: name, content: content ?? .verbatim(value.text)))
        }
    }

    private mutating func appendQuery(name: Bytes, _ value: JSONValue) {
        if value.kind == .null { return }
        let isFirst = query.count == 0 && path.firstOffset(of: UInt8(ascii: "?")) == nil
        query.append(isFirst ? UInt8(ascii: "?") : UInt8(ascii: "&"))
        query.append(percentEncoded: name)
        query.append(UInt8(ascii: "="))
        RequestBuilder.append(value, percentEncodedTo: &query)
    }

    private static func append(_ value: JSONValue, percentEncodedTo buffer: inout ByteBuffer) {
        guard let string = value.string, string.hasEscapes else {
            buffer.append(percentEncoded: value.string?.raw ?? value.text)
            return
        }
        var decoded = ByteBuffer(capacity: string.raw.count)
        string.decode(into: &decoded)
        buffer.append(percentEncoded: decoded.bytes)
    }

    // MARK: What must be there

    private func checkRequired() throws(Failure) {
        guard validates else { return }
        for index in fields.indices {
            let field = fields[index]
            let isRequired =
                field.required == .always
                || (field.required == .onPublishedRoute && style == .published)
            guard isRequired, given & (UInt64(1) << UInt64(index & 63)) == 0 else { continue }
            throw FieldCheck.missing("\(field.name)")
        }
    }

    // MARK: The URL

    private mutating func makeURL(_ baseURL: Bytes) throws(Failure) -> RequestURL {
        if query.isOutOfMemory { throw Failure.outOfMemory }
        var rest = ByteBuffer()
        if path.firstOffset(of: UInt8(ascii: "{")) == nil {
            swap(&rest, &query)
            return RequestURL(base: baseURL, path: path, rest: rest)
        }
        rest.reserve(path.count + query.count + 96)
        var offset = 0
        while offset < path.count {
            let tail = path.slice(offset, path.count)
            guard let open = tail.firstOffset(of: UInt8(ascii: "{")),
                let close = tail.firstOffset(of: UInt8(ascii: "}"))
            else {
                rest.append(tail)
                break
            }
            rest.append(tail.slice(0, open))
            try appendPathParameter(named: tail.slice(open + 1, close), to: &rest)
            offset += close + 1
        }
        rest.append(query.bytes)
        if rest.isOutOfMemory { throw Failure.outOfMemory }
        return RequestURL(base: baseURL, path: .empty, rest: rest)
    }

    private func appendPathParameter(
        named name: Bytes,
        to url: inout ByteBuffer
    ) throws(Failure) {
        for pathValue in pathValues {
            let field = fields[pathValue.field]
            guard name.equals(wireName(of: field)) else { continue }
            try RequestBuilder.checkPathParameter(pathValue.value, of: field)
            RequestBuilder.append(pathValue.value, percentEncodedTo: &url)
            return
        }
        throw FieldCheck.missing(pathParameterName(onTheWire: name))
    }

    private func pathParameterName(onTheWire name: Bytes) -> Message {
        for field in fields where field.place == .path {
            if name.equals(wireName(of: field)) { return "\(field.name)" }
        }
        return "\(name)"
    }

    /// Even unchecked requests keep their path: an empty id or a dot segment would make it the
    /// path of another operation.
    private static func checkPathParameter(
        _ value: JSONValue,
        of field: Field
    ) throws(Failure) {
        if value.kind == .number { return }
        guard let id = value.string else { throw FieldCheck.missing("\(field.name)") }
        guard !id.isEmpty, !id.equals("."), !id.equals("..") else {
            throw Failure.invalidArgument(
                "'\(field.name)' must be an id; got '\(Message(id.decoded()))'",
                field: "\(field.name)"
            )
        }
    }
}
