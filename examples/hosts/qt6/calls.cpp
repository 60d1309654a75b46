// A client in Qt's event loop: callbacks come on its thread.
//
//   c++ -std=c++17 -fPIC -o calls calls.cpp $(pkg-config --cflags --libs trillet Qt6Core)
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
#include <trillet_requests.hpp>

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <QTextStream>

int main(int count, char **arguments) {
    QCoreApplication application(count, arguments);
    trillet::Options options;
    options.engine = "caller";
    const trillet::Client client(options); // throws: are TRILLET_API_KEY and the others right?
    // Later than the client, so that it ends before.
    QSocketNotifier notifier(client.completion_fd(), QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, [&] { client.drive(); });
    client.submit(trillet::AgentsList(), [](std::uint64_t, const trillet::Answer &answer) {
        const std::string_view data = answer.data();
        const auto bytes = QByteArray::fromRawData(data.data(), static_cast<int>(data.size()));
        const QJsonObject page = QJsonDocument::fromJson(bytes).object();
        QTextStream(stdout) << answer.status() << ": " << page.keys().join(", ") << "\n";
        QCoreApplication::quit();
    });
    return QCoreApplication::exec();
}
