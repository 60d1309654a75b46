/* https: certificates that are trusted and that are not. SCRATCH_DIR comes from the Makefile. */
#include "check.h"
#include "fixture.h"
#include "suites.h"
#include "text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define TLS_DIR SCRATCH_DIR "/tls"
#define CERTIFICATE TLS_DIR "/certificate.pem"
#define MAKE_CERTIFICATE \
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2" \
    " -subj /CN=loopback -addext subjectAltName=IP:127.0.0.1 -keyout '" TLS_DIR "/key.pem'" \
    " -out '" CERTIFICATE "' 2>/dev/null"

typedef struct tls_server {
    pid_t process;
    char *url;
} tls_server;

/* Serves the file api/v1/agents, which holds a whole answer. */
static void prepare_files(void)
{
    static const char answer[] =
        "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"secure\":true}";

    mkdir(TLS_DIR, 0700);
    mkdir(TLS_DIR "/api", 0700);
    mkdir(TLS_DIR "/api/v1", 0700);
    text_write_file(TLS_DIR "/api/v1/agents", answer, sizeof answer - 1);
    if (access(CERTIFICATE, R_OK) != 0) {
        CHECK_NUMBER(system(MAKE_CERTIFICATE), 0);
    }
}

static int announced_port(int output)
{
    text line = {NULL, 0, 0};
    char byte;
    const char *colon;
    int port = 0;

    while (port == 0 && read(output, &byte, 1) == 1) {
        text_append(&line, &byte, 1);
        if (byte == '\n') {
            colon = strncmp(line.bytes, "ACCEPT ", 7) == 0 ? strrchr(line.bytes, ':') : NULL;
            port = colon == NULL ? 0 : atoi(colon + 1);
            line.length = 0;
        }
    }
    text_clear(&line);
    return port;
}

static tls_server tls_server_start(void)
{
    tls_server server = {0, NULL};
    int output[2];

    prepare_files();
    if (!CHECK_NUMBER(pipe(output), 0)) {
        return server;
    }
    server.process = fork();
    if (server.process == 0) {
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, 0);
        dup2(output[1], 1);
        dup2(nothing, 2);
        if (chdir(TLS_DIR) == 0) {
            execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
                   "certificate.pem", "-key", "key.pem", "-HTTP", (char *)NULL);
        }
        _exit(127);
    }
    close(output[1]);
    server.url = text_format("https://127.0.0.1:%d", announced_port(output[0]));
    return server;
}

static void tls_server_stop(tls_server *server)
{
    kill(server->process, SIGKILL);
    waitpid(server->process, NULL, 0);
    free(server->url);
}

static int openssl_is_there(void)
{
    if (system("openssl version >/dev/null 2>&1") == 0) {
        return 1;
    }
    check_skip("the program openssl is not installed");
    return 0;
}

static void an_unknown_certificate_is_refused(const void *argument)
{
    tls_server server;
    trillet_client *client;
    char *answer;

    (void)argument;
    if (!openssl_is_there()) {
        return;
    }
    server = tls_server_start();
    client = client_for(server.url, "");
    answer = trillet_agents_list(client, NULL, NULL);
    answer_expect_piece(answer, "error", "certificate");
    answer_expect_error(answer, "tls", "no");
    trillet_client_free(client);
    tls_server_stop(&server);
}

static void a_certificate_of_ca_file_is_trusted(const void *argument)
{
    tls_server server;
    trillet_client *client;

    (void)argument;
    if (!openssl_is_there()) {
        return;
    }
    server = tls_server_start();
    client = client_for(server.url, "\"caFile\":\"" CERTIFICATE "\"");
    answer_expect_data(trillet_agents_list(client, NULL, NULL), "{\"secure\":true}");
    trillet_client_free(client);
    tls_server_stop(&server);
}

static void a_certificate_for_another_host_is_refused(const void *argument)
{
    tls_server server;
    trillet_client *client;
    char *url;

    (void)argument;
    if (!openssl_is_there()) {
        return;
    }
    server = tls_server_start();
    url = text_format("https://localhost:%s", strrchr(server.url, ':') + 1);
    client = client_for(url, "\"caFile\":\"" CERTIFICATE "\"");
    answer_expect_error(trillet_agents_list(client, NULL, NULL), "tls", "no");
    trillet_client_free(client);
    free(url);
    tls_server_stop(&server);
}

static void a_server_without_tls_is_refused(const void *argument)
{
    recording_server *server = recording_server_start();
    char *url = text_format("https://127.0.0.1:%d", recording_server_port(server));
    trillet_client *client = client_for(url, "\"timeoutMs\":60000");

    (void)argument;
    answer_expect_error(trillet_calls_send(client, endpoints[CALLS_SEND].request, NULL), "tls", "no");
    CHECK_NUMBER(recording_server_requests(server), 0);
    free(url);
    trillet_client_free(client);
    recording_server_stop(server);
}

static void a_missing_ca_file_is_told(const void *argument)
{
    recording_server *server = recording_server_start();
    char *url = text_format("https://127.0.0.1:%d", recording_server_port(server));
    char *options = text_format("{\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"%s\","
                                "\"caFile\":\"" SCRATCH_DIR "/none.pem\"}",
                                url);
    char *error = NULL;
    trillet_client *client = trillet_client_new(options, &error);

    (void)argument;
    if (client == NULL) {
        answer_expect(error, "error.field", "\"caFile\"");
        answer_expect_error(error, "configuration", "no");
    } else {
        char *answer = trillet_agents_list(client, NULL, NULL);
        answer_expect_piece(answer, "error", "none.pem");
        answer_expect_error(answer, "tls", "no");
    }
    trillet_client_free(client);
    free(options);
    free(url);
    recording_server_stop(server);
}

void tls_suite(void)
{
    check_suite("tls");
    check_case("A certificate that nobody signed is refused", an_unknown_certificate_is_refused,
               NULL);
    check_case("A certificate of caFile is trusted", a_certificate_of_ca_file_is_trusted, NULL);
    check_case("A certificate for another host is refused",
               a_certificate_for_another_host_is_refused, NULL);
    check_case("A server without TLS is refused with nothing sent",
               a_server_without_tls_is_refused, NULL);
    check_case("A caFile that is not there is told by name", a_missing_ca_file_is_told, NULL);
}
