/// "POST /v1/api/omni-flow-agents": an endpoint that the library has no name for.
enum RawOperation {
    static func parse(_ text: Bytes) throws(Failure) -> (method: Method, path: Bytes) {
        guard let space = text.firstOffset(of: UInt8(ascii: " ")) else {
            throw unknown(text)
        }
        let path = text.slice(space + 1, text.count)
        guard let method = method(text.slice(0, space)), path.count > 0,
            path[0] == UInt8(ascii: "/")
        else { throw unknown(text) }
        for byte in path {
            // What a URL cannot hold, and '#', which would end the path here and not there.
            guard byte > 0x20, byte < 0x7F,
                ("\"#<>\\^`{|}" as StaticString).bytes.firstOffset(of: byte) == nil
            else {
                throw Failure.invalidArgument(
                    "The path of '\(text)' holds a character that must be percent-encoded",
                    field: "operation"
                )
            }
        }
        return (method, path)
    }

    /// What a known route of this method and path adds to instead of replacing it.
    static func appendedFields(_ method: Method, _ path: Bytes) -> Constants<Word> {
        for operation in OperationTable.all {
            let route = operation.route(.published)
            guard !route.appendedFields.isEmpty, route.method == method else { continue }
            let template = route.path
            let fixed = template.firstOffset(of: UInt8(ascii: "{")) ?? template.count
            if path.count > fixed, path.slice(0, fixed).equals(template.slice(0, fixed)) {
                return route.appendedFields
            }
        }
        return Constants()
    }

    /// The operation as `meta` names it: without its query, and no longer than a person reads.
    static func shownName(_ text: Bytes) -> Bytes {
        let name = text.slice(0, text.firstOffset(of: UInt8(ascii: "?")) ?? text.count)
        return name.count <= 256 ? name : name.slice(0, 256)
    }

    private static func method(_ name: Bytes) -> Method? {
        for method in Method.all where name.equals(method.name) { return method }
        return nil
    }

    private static func unknown(_ text: Bytes) -> Failure {
        Failure.invalidArgument(
            """
            There is no operation '\(text)'; give an id like 'calls.send', or a method (GET, \
            POST, PUT, PATCH, DELETE) and a path like 'POST /v1/api/omni-flow-agents'
            """,
            field: "operation"
        )
    }
}
