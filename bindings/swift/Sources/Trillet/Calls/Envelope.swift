import Foundation

/// Reads what the library answers: `{"ok":…,"status":…,"data" or "error":…,"meta":…}`.
enum Envelope {
    static func response<Data: Decodable & Sendable>(
        _ text: Answer,
        as type: Data.Type
    ) throws(TrilletError) -> Response<Data> {
        let outcome: Outcome<Data>
        do {
            outcome = try JSONDecoder().decode(Outcome<Data>.self, from: text.data)
        } catch {
            return try second(text, as: type, after: error)
        }
        return try outcome.response()
    }

    /// The error of an answer that has no data.
    static func error(_ text: Answer) -> TrilletError {
        do {
            _ = try response(text, as: JSONValue.self)
        } catch {
            return error
        }
        return TrilletError(type: .internal, message: "the library gave no reason", sent: .no)
    }

    /// Half of a surrogate pair is passed on as the service wrote it, and Foundation refuses all of a
    /// text with one in it. The answer counts for more than that character.
    private static func second<Data: Decodable & Sendable>(
        _ text: Answer,
        as type: Data.Type,
        after error: any Error
    ) throws(TrilletError) -> Response<Data> {
        let mended = LoneSurrogates.replaced(in: text.data)
        if mended != text.data,
            let outcome = try? JSONDecoder().decode(Outcome<Data>.self, from: mended)
        {
            return try outcome.response()
        }
        let raw = try? JSONDecoder().decode(Outcome<JSONValue>.self, from: mended)
        guard let raw else {
            throw TrilletError(
                type: .internal,
                message: "the library's answer cannot be read: \(error)",
                sent: .maybe
            )
        }
        let response = try raw.response()
        throw TrilletError(
            type: .response,
            status: response.status,
            message: "the service answered, but not as described: \(Envelope.place(of: error))",
            details: "The whole answer is in the error's body.",
            sent: .yes,
            body: response.data,
            meta: response.meta
        )
    }

    private static func place(of error: any Error) -> String {
        func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + [last].compactMap(\.self)).map(\.stringValue)
                .joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): return "\(path(context, key)) is missing"
        case .valueNotFound(_, let context): return "\(path(context)) is null"
        case .typeMismatch(let type, let context): return "\(path(context)) is no \(type)"
        case .dataCorrupted(let context): return "\(path(context)): \(context.debugDescription)"
        default: return "\(error)"
        }
    }
}

/// The text that the library returned.
struct Answer: Sendable {
    let data: Data

    init(copying text: UnsafePointer<CChar>) {
        var length = 0
        while text[length] != 0 { length += 1 }
        data = Data(bytes: text, count: length)
    }

    init(_ data: Data) {
        self.data = data
    }
}

private struct Outcome<Data: Decodable & Sendable>: Decodable {
    private let status: Int
    private let data: Result<Data, TrilletError>
    private let meta: CallMeta

    private enum Keys: String, CodingKey {
        case ok, status, data, error, meta
    }

    init(from decoder: any Decoder) throws {
        let answer = try decoder.container(keyedBy: Keys.self)
        status = try answer.decodeIfPresent(Int.self, forKey: .status) ?? 0
        meta = try answer.decodeIfPresent(CallMeta.self, forKey: .meta) ?? CallMeta()
        if try answer.decode(Bool.self, forKey: .ok) {
            data = .success(try answer.decode(Data.self, forKey: .data))
        } else {
            var error = try answer.decode(TrilletError.self, forKey: .error)
            error.status = status
            error.meta = meta
            data = .failure(error)
        }
    }

    func response() throws(TrilletError) -> Response<Data> {
        Response(status: status, data: try data.get(), meta: meta)
    }
}
