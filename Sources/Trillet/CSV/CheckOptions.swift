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

    fileprivate enum Name: Int, MemberName {
        case file, maxProblems, duplicates, prompt, requiredColumns, acceptedFile, rejectedFile
        case splitFile, splitRows, maxRows

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
        let order = NameOrder(neededColumns.map { $0.name })
        neededColumns = neededColumns.indices.filter { order.isFirst($0) }.map { neededColumns[$0] }
        try refuseSamePaths()
    }

    /// What is written would replace what is read, or what was written.
    private func refuseSamePaths() throws(Failure) {
        if let acceptedFile {
            try FileWriter.refuse(acceptedFile, "acceptedFile", sameAs: file, "file")
        }
        if let rejectedFile {
            try FileWriter.refuse(rejectedFile, "rejectedFile", sameAs: file, "file")
            let option: Message = "rejectedFile"
            try FileWriter.refuse(rejectedFile, option, sameAs: acceptedFile, "acceptedFile")
        }
    }

    /// The path of a piece of the split file.
    func piece(_ number: Int) throws(Failure) -> [UInt8]? {
        guard let splitFile else { return nil }
        let path = SplitPath.make(splitFile, number)
        try FileWriter.refuse(path, "splitFile", sameAs: file, "file")
        try FileWriter.refuse(path, "splitFile", sameAs: acceptedFile, "acceptedFile")
        try FileWriter.refuse(path, "splitFile", sameAs: rejectedFile, "rejectedFile")
        return path
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

/// The variables of a flow's prompt: `{first_name}`.
enum PromptVariables {
    static func names(in prompt: [UInt8]) -> [[UInt8]] {
        var names: [[UInt8]] = []
        var start: Int?
        for (index, byte) in prompt.enumerated() {
            if byte == UInt8(ascii: "{") {
                start = index + 1
            } else if byte == UInt8(ascii: "}"), let begin = start {
                if begin < index { names.append(Array(prompt[begin..<index])) }
                start = nil
            } else if !isNameByte(byte) {
                // Braces with anything else between them are text, JSON for example.
                start = nil
            }
        }
        return names
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte >= 0x80
            || (byte.lowercasedASCII >= 0x61 && byte.lowercasedASCII <= 0x7A)
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
