import ArgumentParser
import Logging

/// The choices of `--log-format`.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json

    func logger(level: Logger.Level) -> Logger {
        let format = self
        var logger = Logger(label: "trillet-sandbox") { label -> any LogHandler in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler()
            }
        }
        logger.logLevel = level
        return logger
    }
}
