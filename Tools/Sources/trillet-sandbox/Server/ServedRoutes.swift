import ArgumentParser
import HTTPTypes

/// Which of the two addresses of an operation are served: `--routes`.
enum ServedRoutes: String, CaseIterable, ExpressibleByArgument {
    case all, overview, published

    private static let overviewPrefix = "/api/v1/"

    /// Where one is not served, a page says so before anything of the service is asked, as routers do.
    func among(_ routes: [Route]) -> [Route] {
        if self == .all { return routes }
        let styles = Dictionary(grouping: routes, by: \.operation).mapValues { routes in
            Set(routes.map { $0.path.hasPrefix(ServedRoutes.overviewPrefix) })
        }
        return routes.map { route in
            let isOverview = route.path.hasPrefix(ServedRoutes.overviewPrefix)
            guard styles[route.operation]?.count == 2, isOverview != (self == .overview) else {
                return route
            }
            return Route(route.method, route.path, route.operation) { exchange in
                ServedRoutes.page(exchange.request.method, exchange.request.uri.path)
            }
        }
    }

    private static func page(_ method: HTTPRequest.Method, _ path: String) -> Answer {
        let text = "<!DOCTYPE html>\n<title>Error</title>\n<pre>Cannot \(method) \(path)</pre>\n"
        return Answer(
            status: .notFound,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: Array(text.utf8)
        )
    }
}
