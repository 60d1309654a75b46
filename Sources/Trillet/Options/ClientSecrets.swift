import CTrillet

extension ClientOptions {
    /// What no error and no log line shows, whoever repeats it: the service, a proxy, libcurl.
    var secrets: [[UInt8]] {
        var secrets = [apiKey ?? []]
        if let proxy {
            secrets += ProxyURL.secrets(of: proxy)
            return secrets
        }
        for name: StaticString in [
            "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
        ] {
            secrets += ProxyURL.secrets(of: Array(Bytes(text: shim_environment(name.cText))))
        }
        return secrets
    }
}
