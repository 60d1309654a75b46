/* The memory that starting a batch with a file takes: a server that reads and forgets is forked, a
   first small file warms everything up, and the file is sent by its path. */
#include "contacts.h"

#include <trillet.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] =
    "{\"batchId\":\"b\",\"totalCalls\":1,\"status\":\"queued\",\"message\":\"Started\"}";

/* One connection, request after request. */
static void serve(int connection)
{
    static char buffer[256 * 1024];
    size_t have = 0;
    for (;;) {
        ssize_t got = recv(connection, buffer + have, sizeof buffer - 1 - have, 0);
        char *body, *field;
        long left;
        if (got <= 0)
            return;
        have += (size_t)got;
        buffer[have] = 0;
        if ((body = strstr(buffer, "\r\n\r\n")) == NULL)
            continue;
        field = strcasestr(buffer, "\r\ncontent-length:");
        left = field == NULL ? 0 : strtol(field + strlen("\r\ncontent-length:"), NULL, 10);
        if (strcasestr(buffer, "expect: 100-continue") != NULL)
            dprintf(connection, "HTTP/1.1 100 Continue\r\n\r\n");
        left -= (long)(have - (size_t)(body + 4 - buffer));
        while (left > 0 && (got = recv(connection, buffer, sizeof buffer, 0)) > 0)
            left -= got;
        dprintf(connection,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                sizeof ANSWER - 1, ANSWER);
        have = 0;
    }
}

static int start_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        exit(2);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            int connection = accept(listener, NULL, NULL);
            serve(connection);
            close(connection);
        }
    }
    close(listener);
    return ntohs(address.sin_port);
}

static void send_file(trillet_client *client, const char *path)
{
    char request[4096];
    char *answer;
    snprintf(request, sizeof request, "{\"file\":\"%s\",\"agentId\":\"a\"}", path);
    answer = trillet_batch_calls_start(client, request, NULL);
    if (strstr(answer, "\"ok\":true") == NULL) {
        fprintf(stderr, "%s\n", answer);
        exit(1);
    }
    trillet_free(answer);
}

int main(int argc, char **argv)
{
    char options[256];
    trillet_client *client;
    double begin;
    long before;

    if (argc != 3)
        return 2;
    snprintf(options, sizeof options,
             "{\"apiKey\":\"sandbox-key\",\"baseUrl\":\"http://127.0.0.1:%d\",\"env\":false}",
             start_server());
    client = trillet_client_new(options, NULL);
    if (client == NULL)
        return 2;
    send_file(client, argv[2]);
    forget_peak();
    before = memory("VmRSS");
    begin = processor_seconds();
    send_file(client, argv[1]);
    say(processor_seconds() - begin, 0, memory("VmHWM") - before);
    trillet_client_free(client);
    return 0;
}
