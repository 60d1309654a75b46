/// What a check of a contact file is asked for.
struct CheckOptions {
    var file: [UInt8]?
    var maxProblems = 100
    var findsDuplicates = true
    var neededColumns: [NeededColumn] = []
    var acceptedFile: [UInt8]?
    var rejectedFile: [UInt8]?
    /// With `{n}` where the number of the piece goes.
    var splitFile: [UInt8]?
    var splitRows: Int?
    var maxRows: Int?
    var knowsLengths = true
    var defaultCountry: CountryNumbers?
    var assumesCountry = false
    /// The column of numbers, where it has another name.
    var phoneColumn: [UInt8]?
    var converts = false
    private var places = OutputPlaces()

    fileprivate enum Name: Int, MemberName {
        case file, maxProblems, duplicates, prompt, requiredColumns, acceptedFile, rejectedFile
        case splitFile, splitRows, maxRows
        case lengths, defaultCountry, assumeCountry, phoneColumn, convert

        static let noun = MemberNoun.option

        var text: StaticString {
            switch self {
            case .file: "file"
            case .maxProblems: "maxProblems"
            case .duplicates: "duplicates"
            case .prompt: "prompt"
            case .requiredColumns: "requiredColumns"
            case .acceptedFile: "acceptedFile"
            case .rejectedFile: "rejectedFile"
            case .splitFile: "splitFile"
            case .splitRows: "splitRows"
            case .maxRows: "maxRows"
            case .lengths: "lengths"
            case .defaultCountry: "defaultCountry"
            case .assumeCountry: "assumeCountry"
            case .phoneColumn: "phoneColumn"
            case .convert: "convert"
            }
        }
    }

    init() {}

    init(json text: Bytes) throws(Failure) {
        try NamedMembers.forEach(in: text) { (option: NamedMember<Name>) throws(Failure) in
            try read(option)
        }
        if splitRows != nil, splitFile == nil {
            throw CheckOptions.mistake("splitRows", "needs 'splitFile', the path of the pieces")
        }
        if assumesCountry, defaultCountry == nil {
            throw CheckOptions.mistake("assumeCountry", "needs 'defaultCountry', DE for example")
        }
        let order = NameOrder(neededColumns.map { $0.name })
        neededColumns = neededColumns.indices.filter { order.isFirst($0) }.map { neededColumns[$0] }
        try refuseSamePaths()
    }

    /// What is written would replace what is read, or what was written.
    private mutating func refuseSamePaths() throws(Failure) {
        try places.add(file, "file")
        try places.add(acceptedFile, "acceptedFile")
        try places.add(rejectedFile, "rejectedFile")
        guard splitFile != nil else { return }
        for number in 1...OutputPlaces.firstPieces {
            try places.add(piecePath(number), "splitFile")
        }
    }

    /// The path of a piece of the split file.
    mutating func piece(_ number: Int) throws(Failure) -> [UInt8]? {
        let path = piecePath(number)
        if number > OutputPlaces.firstPieces { try places.add(path, "splitFile") }
        return path
    }

    private func piecePath(_ number: Int) -> [UInt8]? {
        splitFile.map { SplitPath.make($0, number) }
    }

    private mutating func read(_ option: NamedMember<Name>) throws(Failure) {
        switch option.name {
        case .file: file = try option.path()
        case .maxProblems: maxProblems = try option.integer(0...1_000_000)
        case .duplicates: findsDuplicates = try option.boolean()
        case .prompt: need(PromptVariables.names(in: try option.string()), .prompt)
        case .requiredColumns: need(try option.strings(), .list)
        case .acceptedFile: acceptedFile = try option.path()
        case .rejectedFile: rejectedFile = try option.path()
        case .splitFile: splitFile = try option.splitPath()
        case .splitRows: splitRows = try option.integer(1...Int(Int32.max))
        case .maxRows: maxRows = try option.integer(1...Int(Int32.max))
        case .lengths: knowsLengths = try option.boolean()
        case .defaultCountry: defaultCountry = try option.country()
        case .assumeCountry: assumesCountry = try option.boolean()
        case .phoneColumn: phoneColumn = try option.columnName()
        case .convert: converts = try option.boolean()
        }
    }

    private mutating func need(_ names: [[UInt8]], _ source: NeededColumn.Source) {
        for name in names { neededColumns.append(NeededColumn(name: name, source: source)) }
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

extension NamedMember where Name == CheckOptions.Name {
    fileprivate func path() throws(Failure) -> [UInt8] {
        let path = try string()
        guard !path.isEmpty, !path.contains(0) else { throw failure("must be a path") }
        return path
    }

    fileprivate func splitPath() throws(Failure) -> [UInt8] {
        let path = try path()
        guard SplitPath.hasPlace(path) else {
            throw failure("must have {n} in it, where the number of the piece goes")
        }
        return path
    }

    fileprivate func country() throws(Failure) -> CountryNumbers {
        let name = try string()
        let found = name.withUnsafeBufferPointer { CountryNumbers.find($0) }
        guard let found else {
            throw failure("must be a country's two letters (ISO 3166), such as US")
        }
        return found
    }

    fileprivate func columnName() throws(Failure) -> [UInt8] {
        let name = try string().withUnsafeBufferPointer { Array($0.trimmed) }
        guard !name.isEmpty else { throw failure("must be the name of a column") }
        return name
    }

    fileprivate func strings() throws(Failure) -> [[UInt8]] {
        guard value.kind == .array else { throw mistyped("a list of column names") }
        var texts: [[UInt8]] = []
        try value.forEachElement { (element: JSONValue) throws(Failure) in
            guard let string = element.string else { throw mistyped("a list of column names") }
            texts.append(string.decoded())
        }
        return texts
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
