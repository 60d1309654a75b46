/* What a service sends, byte for byte: the answer to a call for a file, up to the first NUL; behind
   it the answer to the next call, which goes on with the file. The first also answers calls that
   send secrets and expect JSON. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static char options[160];
static char folder[] = "/tmp/trillet-fuzz-XXXXXX";
static char request[160], file[80], part[80];

/* What the service sends next; it is set while nobody is connected. */
static const uint8_t *reply;
static size_t reply_size;

static int has_ended(const char *head, size_t size)
{
    return size >= 4 && memcmp(head + size - 4, "\r\n\r\n", 4) == 0;
}

static void serve(int connection)
{
    static const struct timeval patience = {2, 0};
    char head[4096];
    size_t size = 0, sent = 0;
    ssize_t moved = 1;

    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (moved > 0 && size < sizeof head && !has_ended(head, size)) {
        moved = recv(connection, head + size, 1, 0);
        size += moved > 0 ? 1 : 0;
    }
    while (sent < reply_size && moved > 0) {
        moved = send(connection, reply + sent, reply_size - sent, MSG_NOSIGNAL);
        sent += moved > 0 ? (size_t)moved : 0;
    }
    shutdown(connection, SHUT_WR);
    /* Bytes that nobody has read would make a reset of the end. */
    while (recv(connection, head, sizeof head, 0) > 0) {
    }
    close(connection);
}

static void *serve_all(void *unused)
{
    (void)unused;
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection >= 0)
            serve(connection);
    }
    return NULL;
}

static void remove_all(void)
{
    unlink(file);
    unlink(part);
    rmdir(folder);
}

static void begin(void)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    pthread_t thread;

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0
        || listen(listener, 16) != 0
        || getsockname(listener, (struct sockaddr *)&address, &length) != 0
        || mkdtemp(folder) == NULL || pthread_create(&thread, NULL, serve_all, NULL) != 0)
        abort();
    pthread_detach(thread);
    atexit(remove_all);
    snprintf(options, sizeof options,
             "{\"apiKey\":\"sandbox-key\",\"baseUrl\":\"http://127.0.0.1:%d\",\"env\":false,"
             "\"maxRetries\":0,\"timeoutMs\":5000}",
             ntohs(address.sin_port));
    snprintf(file, sizeof file, "%s/call.wav", folder);
    snprintf(part, sizeof part, "%s/call.wav.part", folder);
    snprintf(request, sizeof request, "{\"callId\":\"call_k2f81\",\"file\":\"%s\"}", file);
}

static void answer(const uint8_t *data, size_t size)
{
    reply = data;
    reply_size = size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t first = end == NULL ? size : (size_t)(end - data);
    trillet_client *client;

    if (listener == 0)
        begin();
    client = trillet_client_new(options, NULL);
    if (client == NULL)
        abort();
    answer(data, first);
    fuzz_take(trillet_call(client, "calls.recording", request, NULL));
    fuzz_take(trillet_call(client, "PUT /a", "{\"credentials\":[\"AC-12345\",{\"b\":\"c\\u00e9de\"}]}",
                           "{\"headers\":{\"authorization\":\"Bearer abcd1234\"}}"));
    fuzz_take(trillet_call(client, "agents.get", "{\"agentId\":\"a\"}", NULL));
    if (end != NULL) {
        answer(end + 1, size - first - 1);
        fuzz_take(trillet_call(client, "calls.recording", request, NULL));
    }
    trillet_client_free(client);
    unlink(file);
    unlink(part);
    return 0;
}
