// A client in Qt's event loop: callbacks come on its thread.
//
//   c++ -fPIC -o calls calls.cpp $(pkg-config --cflags --libs trillet Qt5Core)
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
#include <trillet.h>

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <QTextStream>

static void show(const char *what, const char *answer)
{
    QTextStream(stdout) << what << ": " << QJsonDocument::fromJson(answer)["status"].toInt() << "\n";
}

static void when_done(void *, uint64_t, const char *answer)
{
    show("done", answer);
    QCoreApplication::quit();
}

int main(int count, char **arguments)
{
    QCoreApplication application(count, arguments);
    trillet_client *client = trillet_client_new("{\"engine\":\"caller\"}", nullptr);
    if (client == nullptr) {
        qFatal("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?");
    }
    int result;
    {
        QSocketNotifier notifier(trillet_completion_fd(client), QSocketNotifier::Read);
        QObject::connect(&notifier, &QSocketNotifier::activated, [&] { trillet_drive(client, 0); });
        trillet_submit(client, "agents.list", nullptr, nullptr, when_done, nullptr);
        result = application.exec();
    } // the notifier ends before the client
    trillet_client_free(client);
    return result;
}
