/// Which page of a list is wanted, and what the answer says of it.
struct Paging: Sendable {
    let page: Int
    let limit: Int

    static let largestLimit = 100
    /// Far beyond any list; a page further out is as empty as this one.
    private static let lastPage = 1_000_000_000_000

    /// Reads `page` and `limit` from the query. A limit over 100 is cut to 100.
    init(_ exchange: Exchange, defaultLimit: Int = 20) throws {
        page = min(try Paging.number("page", exchange, fallback: 1), Paging.lastPage)
        limit = min(
            try Paging.number("limit", exchange, fallback: defaultLimit),
            Paging.largestLimit
        )
    }

    var slice: Slice { Slice(limit: limit, offset: (page - 1) * limit) }

    /// The envelope's `pagination` for a list of `total` entries.
    func json(total: Int) -> JSON {
        let pages = (total + limit - 1) / limit
        return [
            "page": .number(page), "limit": .number(limit), "total": .number(total),
            "totalPages": .number(pages), "hasNext": .bool(page < pages),
            "hasPrev": .bool(page > 1),
        ]
    }

    private static func number(_ name: String, _ exchange: Exchange, fallback: Int) throws -> Int {
        guard let text = exchange.query(name) else { return fallback }
        guard let number = JSON(wholeNumber: text)?.saturatedIntValue, number >= 1 else {
            throw Failure.invalid("\(name) must be a whole number of at least 1, not \"\(text)\"")
        }
        return number
    }
}
