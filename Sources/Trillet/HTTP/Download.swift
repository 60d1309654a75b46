import CTrillet

/// An answer that is written to a file, in as many attempts as it takes: beside its place, and moved
/// there once it is whole. docs/decisions.md, resumed-downloads.
final class Download {
    let path: [UInt8]
    private(set) var contentType: [UInt8] = []
    /// How many bytes are there.
    private(set) var count = 0
    /// What ends the attempt under way.
    private(set) var problem: Failure?
    /// Whether the next attempt is to ask for all of it, because this one got nothing to go on with.
    private(set) var mustBeginAnew = false
    /// Whom the caller wants to hear of it.
    var progress: DownloadProgress?

    /// How many bytes it has in all, if the service says so.
    private var total: Int?
    private var place: [UInt8] = []
    private var part: [UInt8] = []
    private var descriptor: Int32 = -1
    private var rewrites: Int32 = 0
    /// The version that the bytes there are of, as If-Range names it; empty when nothing proves it.
    private var version = ByteBuffer()
    private var head = DownloadHead()
    private var course = Course.undecided
    private var asksForRest = false
    private var mayBeWhole = false
    private let lines: UnsafeMutablePointer<curl_slist>
    private var rangeLine = ByteBuffer()
    private var versionLine = ByteBuffer()

    /// Where the body of an answer goes.
    private enum Course {
        case undecided
        case file
        /// It is an error, or none of what was asked for.
        case memory
        case nowhere
    }

    private static let longestVersion = 1024

    init(path: [UInt8]) throws(Failure) {
        guard !path.isEmpty, !path.contains(0) else {
            throw Failure.invalidArgument("'file' must be the path of a file", field: "file")
        }
        self.path = path
        lines = .allocate(capacity: 2)
        lines.initialize(repeating: curl_slist(), count: 2)
    }

    deinit {
        if descriptor >= 0 { shim_descriptor_close(descriptor) }
        lines.deallocate()
    }

    // MARK: An attempt

    /// Opens the part before the first attempt. Returns the lines of the request's head, those that
    /// ask for what is missing included.
    func begin(
        _ url: Bytes,
        _ others: UnsafeMutablePointer<curl_slist>?
    ) throws(Failure) -> UnsafeMutablePointer<curl_slist>? {
        if descriptor < 0 { try open(url) }
        if mustBeginAnew { version.removeAll() }
        problem = nil
        mustBeginAnew = false
        course = .undecided
        head.removeAll()
        asksForRest = count > 0 && version.count > 0
        guard asksForRest else {
            try clear()
            return others
        }
        rangeLine.removeAll()
        rangeLine.append("Range: bytes=")
        rangeLine.append(decimal: count)
        rangeLine.append(UInt8(ascii: "-"))
        versionLine.removeAll()
        versionLine.append("If-Range: ")
        versionLine.append(version.bytes)
        guard let range = rangeLine.terminated(), let version = versionLine.terminated() else {
            throw Failure.outOfMemory
        }
        lines[0].data = UnsafeMutablePointer(mutating: range)
        lines[0].next = lines + 1
        lines[1].data = UnsafeMutablePointer(mutating: version)
        lines[1].next = others
        return lines
    }

    private func open(_ url: Bytes) throws(Failure) {
        var own: Int32 = -1
        guard let found = CPath.with(path, { shim_output_place($0, &own) }) else {
            throw failure(own)
        }
        place = Array(Bytes(text: found))
        shim_deallocate(found)
        guard own < 0 else { throw failure(EINVAL) }
        part = place + Array((".part" as StaticString).bytes)
        var size: Int64 = 0
        let opened = CPath.with(part) { part in
            CPath.with(place) { shim_download_open(part, $0, &size, &rewrites) }
        }
        guard opened >= 0 else { throw failure(-opened) }
        descriptor = opened
        count = Int(size)
        version.removeAll()
        guard let room = version.extend(by: Download.longestVersion) else {
            throw Failure.outOfMemory
        }
        let most = Download.longestVersion
        version.truncate(
            to: shim_download_noted(descriptor, url.baseAddress, url.count, room, most)
        )
    }

    private func clear() throws(Failure) {
        count = 0
        total = nil
        version.removeAll()
        let problem = shim_download_clear(descriptor)
        guard problem == 0 else { throw failure(problem) }
    }

    func receive(header line: Bytes) { head.receive(line) }

    /// Takes a piece of the body; nil when it belongs into memory, false when it ends the attempt.
    func receive(_ bytes: Bytes, _ answer: @autoclosure () -> DownloadAnswer) -> Bool? {
        if course == .undecided { decide(answer()) }
        switch course {
        case .memory: return nil
        case .undecided, .nowhere: return false
        case .file: break
        }
        let errno = shim_download_write(descriptor, bytes.baseAddress, bytes.count, Int64(count))
        guard errno == 0 else {
            end(failure(errno))
            return false
        }
        count += bytes.count
        return true
    }

    /// Decides by the head of an answer where its body goes.
    private func decide(_ answer: DownloadAnswer) {
        course = .memory
        switch answer.status {
        case 200 where !answer.isMessage: begin(answer)
        case 206 where asksForRest: goOn(answer)
        case 416 where asksForRest: mustBeginAnew = true
        default: break
        }
    }

    private func begin(_ answer: DownloadAnswer) {
        if answer.isEncoded { return end(DownloadFailure.encoded(answer)) }
        do throws(Failure) { try clear() } catch { return end(error) }
        total = answer.length
        contentType = Array(answer.contentType)
        head.appendVersion(to: &version)
        if version.count > Download.longestVersion { version.removeAll() }
        if version.count > 0 {
            shim_download_note(
                descriptor,
                answer.url.baseAddress,
                answer.url.count,
                version.start,
                version.count
            )
        }
        course = .file
    }

    /// Only what is exactly the rest of the version that is there may be added to it.
    private func goOn(_ answer: DownloadAnswer) {
        guard !answer.isEncoded, !answer.isMessage, !head.isOfAnother(than: version.bytes),
            let range = ContentRange(head.range.bytes), range.first == count,
            range.end == range.total, total == nil || total == range.total
        else {
            mustBeginAnew = true
            return end(DownloadFailure.anotherPart(answer))
        }
        total = range.total
        contentType = Array(answer.contentType)
        course = .file
    }

    private func end(_ failure: Failure) {
        problem = failure
        problem?.sent = .yes
        course = .nowhere
    }

    /// Throws when the complete answer is none of what was asked for, or not all of it.
    func conclude(_ answer: DownloadAnswer) throws(Failure) {
        if course == .undecided { decide(answer) }
        if let problem { throw problem }
        if answer.status / 100 != 2 { return }
        guard course == .file else { throw DownloadFailure.noFile(answer) }
        // Without a length and a byte nothing shows that the service has ended it.
        if total == nil, count > 0 {
            if answer.showsItsEnd || shim_download_stated(descriptor) == count { return }
            mayBeWhole = true
            throw DownloadFailure.endUnknown(count, answer.status, part: part)
        }
        if count == total { return }
        if let total, count > total { version.removeAll() }
        throw DownloadFailure.incomplete(count, of: total, answer.status)
    }

    // MARK: The end

    /// Moves the file to its place.
    func finish() throws(Failure) {
        var problem = CPath.with(part) { shim_download_finish(descriptor, $0) }
        if problem == 0 {
            problem = CPath.with(part) { part in
                CPath.with(place) { shim_output_commit(part, $0, rewrites) }
            }
        }
        guard problem == 0 else {
            var failure = failure(problem)
            failure.sent = .yes
            throw failure
        }
        CPath.with(place) { shim_directory_flush($0) }
        shim_descriptor_close(descriptor)
        descriptor = -1
    }

    /// Keeps the part only where a later call can go on with it, or where it may be all.
    func leave(after failure: Failure) {
        guard descriptor >= 0 else { return }
        let isKept: Bool
        switch failure.kind {
        case .timeout, .connection, .tls, .cancelled, .closed, .server, .rateLimited:
            isKept = count > 0 && version.count > 0
        default: isKept = mayBeWhole
        }
        if !isKept { CPath.with(part) { shim_file_remove($0) } }
        shim_descriptor_close(descriptor)
        descriptor = -1
    }

    private func failure(_ errno: Int32) -> Failure {
        switch Int(errno) {
        case SHIM_FILE_IN_USE:
            return Failure.invalidArgument(
                "Another download is writing to the file '\(Message(path))'",
                field: "file"
            )
        case Int(EEXIST):
            return FileFailure.of(part.isEmpty ? path : part, .write, errno: errno)
        default: return FileFailure.of(path, .write, errno: errno)
        }
    }

    // MARK: Progress

    /// Tells the caller now and then how far it has come; false once the caller wants no more of it.
    func report(isLast: Bool = false) -> Bool {
        guard let progress, course == .file else { return true }
        return progress.report(path, count, of: total, isLast: isLast)
    }

    var isStopped: Bool { progress?.isStopped == true }
}
