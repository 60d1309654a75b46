/// How many uploads a file takes when it is parted between its rows, each part with the header.
struct PieceCount {
    private(set) var count = 1
    private let header: Int
    private var size: Int
    private let isCounting: Bool

    init(size: Int, header: Int) {
        self.header = header
        self.size = header
        isCounting = size > ContactFile.largestUpload
    }

    mutating func add(_ row: Int) {
        guard isCounting else { return }
        if size + row > ContactFile.largestUpload {
            count += 1
            size = header
        }
        size += row
    }
}
