/// What the service says of contact files.
enum ContactFile {
    /// 20 MB; taken as 20 times 1024 times 1024 bytes.
    static let largestUpload = 20 * 1024 * 1024
}
