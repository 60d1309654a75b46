extension CheckOptions {
    init(json text: Bytes) throws(Failure) {
        self.init()
        try NamedMembers.forEach(in: text) {
            (name: Name, option: NamedMember) throws(Failure) in
            try read(name, option)
        }
        if splitRows != nil, splitFile == nil {
            throw CheckOptions.mistake("splitRows", "needs 'splitFile', the path of the pieces")
        }
        if assumesCountry, defaultCountry == nil {
            throw CheckOptions.mistake("assumeCountry", "needs 'defaultCountry', DE for example")
        }
        let order = NameOrder(neededColumns.map { $0.name })
        neededColumns = neededColumns.indices.filter { order.isFirst($0) }.map { neededColumns[$0] }
    }

    private static func mistake(_ name: Message, _ problem: Message) -> Failure {
        Failure.invalidArgument("Option '\(name)' \(problem)", field: name)
    }
}

/// A column that must be there and have a value in each row.
struct NeededColumn {
    enum Source {
        case prompt, list
    }

    let name: [UInt8]
    /// What asks for it.
    let source: Source

    var isMissing: Message {
        switch source {
        case .prompt: "The prompt needs the column '\(Message(name))', which the file lacks"
        case .list: "The column '\(Message(name))' is required, and the file lacks it"
        }
    }
}

/// How the values of a check's options are read.
extension NamedMember {
    func path() throws(Failure) -> [UInt8] {
        let path = try string()
        guard !path.isEmpty, !path.contains(0) else { throw failure("must be a path") }
        return path
    }

    func splitPath() throws(Failure) -> [UInt8] {
        let path = try path()
        guard SplitPath.hasPlace(path) else {
            throw failure("must have {n} in it, where the number of the piece goes")
        }
        return path
    }

    func country() throws(Failure) -> CountryNumbers {
        let name = try string()
        let found = name.withUnsafeBufferPointer { CountryNumbers.find($0) }
        guard let found else {
            throw failure("must be a country's two letters (ISO 3166), such as US")
        }
        return found
    }

    func columnName() throws(Failure) -> [UInt8] {
        let name = try string().withUnsafeBufferPointer { Array($0.trimmed) }
        guard !name.isEmpty else { throw failure("must be the name of a column") }
        return name
    }

    func promptColumns() throws(Failure) -> [NeededColumn] {
        let names = PromptVariables.names(in: try string())
        return names.map { NeededColumn(name: $0, source: .prompt) }
    }

    func requiredColumns() throws(Failure) -> [NeededColumn] {
        guard value.kind == .array else { throw mistyped("a list of column names") }
        var columns: [NeededColumn] = []
        try value.forEachElement { (element: JSONValue) throws(Failure) in
            guard let string = element.string else { throw mistyped("a list of column names") }
            columns.append(NeededColumn(name: string.decoded(), source: .list))
        }
        return columns
    }
}

/// The path of a piece: `/tmp/part-{n}.csv`.
enum SplitPath {
    private static let place: StaticString = "{n}"

    static func hasPlace(_ path: [UInt8]) -> Bool { offset(in: path) != nil }

    static func make(_ path: [UInt8], _ number: Int) -> [UInt8] {
        guard let offset = offset(in: path) else { return path }
        let digits: Message = "\(number)"
        return Array(path[..<offset]) + digits.bytes + Array(path[(offset + 3)...])
    }

    private static func offset(in path: [UInt8]) -> Int? {
        guard path.count >= 3 else { return nil }
        for offset in 0...(path.count - 3) {
            if Array(path[offset..<(offset + 3)]).equals(place) { return offset }
        }
        return nil
    }
}
