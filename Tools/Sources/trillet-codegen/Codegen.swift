import ArgumentParser
import Foundation

/// Writes everything that follows from the API description, or tells what is out of date.
@main
struct Codegen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trillet-codegen",
        abstract: "Generates header, exports, bindings and reference from the files in api."
    )

    @Option(help: "The root of the source tree.")
    var root = "."

    @Flag(help: "Write nothing; list the files that differ and exit with 1 if there are any.")
    var check = false

    func run() throws {
        let rootURL = URL(fileURLWithPath: root, isDirectory: true)
        let description = try Description(root: rootURL)
        var differing: [String] = []
        for file in try GeneratedFile.all(from: description) {
            let url = rootURL.appendingPathComponent(file.path)
            let present = try? String(contentsOf: url, encoding: .utf8)
            let text = try file.text(in: present)
            guard present != text else { continue }
            differing.append(file.path)
            if !check { try write(text, to: url) }
        }
        report(differing)
        if check, !differing.isEmpty { throw ExitCode(1) }
    }

    private func write(_ text: String, to url: URL) throws {
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url, options: .atomic)
    }

    private func report(_ paths: [String]) {
        for path in paths {
            print(check ? "out of date: \(path)" : "wrote \(path)")
        }
        if check, !paths.isEmpty {
            print("Run trillet-codegen without --check and commit what it writes.")
        }
    }
}
