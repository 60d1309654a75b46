import CTrillet

/// The files of one check. None may be written over another: what is lost then is customers.
struct OutputPlaces {
    private struct Place {
        let option: Message
        let path: [UInt8]
        let identity: shim_output_identity
    }

    private var places: [Place] = []

    /// Pieces that are looked at before anything is written; nobody knows how many there will be.
    static let firstPieces = 1000

    init() {}

    /// What is written would replace what is read, or what was written.
    init(of options: CheckOptions) throws(Failure) {
        try add(options.file, "file")
        try add(options.acceptedFile, "acceptedFile")
        try add(options.rejectedFile, "rejectedFile")
        guard let splitFile = options.splitFile else { return }
        for number in 1...OutputPlaces.firstPieces {
            try add(SplitPath.make(splitFile, number), "splitFile")
        }
    }

    /// The path of a piece of the split file.
    mutating func piece(_ number: Int, of splitFile: [UInt8]) throws(Failure) -> [UInt8] {
        let path = SplitPath.make(splitFile, number)
        if number > OutputPlaces.firstPieces { try add(path, "splitFile") }
        return path
    }

    /// Refuses a path that leads to the file of an option before.
    mutating func add(_ path: [UInt8]?, _ option: Message) throws(Failure) {
        guard let path else { return }
        var identity = shim_output_identity()
        // A device or a pipe takes what comes from everywhere.
        guard CPath.with(path, { shim_output_identify($0, &identity) }) != 0 else { return }
        if let same = places.first(where: { OutputPlaces.isSame($0.identity, identity) }) {
            throw OutputPlaces.refusal(path, option, same)
        }
        places.append(Place(option: option, path: path, identity: identity))
    }

    private static func isSame(_ one: shim_output_identity, _ other: shim_output_identity) -> Bool {
        one.inode == other.inode && one.device == other.device && one.name == other.name
    }

    private static func refusal(_ path: [UInt8], _ option: Message, _ same: Place) -> Failure {
        let isPiece = option.bytes == same.option.bytes
        return Failure.invalidArgument(
            isPiece
                ? """
                Option '\(option)' must lead to another file for each piece; '\(Message(path))' is the \
                same one as '\(Message(same.path))'
                """
                : """
                Option '\(option)' must be another file than '\(same.option)'; '\(Message(path))' is \
                the same one
                """,
            field: option
        )
    }
}
