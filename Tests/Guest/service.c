#include "service.h"

#include "json_reader.h"
#include "text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* SERVICE_PROGRAM, CERTIFICATE_FILE and KEY_FILE come from the Makefile. */

static char plain_url[64];
static char secure_url[64];

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static void run_service(const int *input, const int *output)
{
    const char *python = getenv("PYTHON") == NULL ? "python3" : getenv("PYTHON");

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(input[0], 0);
    dup2(output[1], 1);
    close(input[1]);
    execlp(python, python, SERVICE_PROGRAM, CERTIFICATE_FILE, KEY_FILE, (char *)NULL);
    perror(python);
    _exit(127);
}

void service_start(void)
{
    char line[128];
    FILE *announced;
    int input[2];
    int output[2];
    int plain = 0;
    int secure = 0;
    pid_t process;

    if (pipe(input) != 0 || pipe(output) != 0) {
        give_up("pipe");
    }
    process = fork();
    if (process == 0) {
        run_service(input, output);
    }
    close(input[0]);
    close(output[1]);
    announced = fdopen(output[0], "r");
    if (process < 0 || announced == NULL || fgets(line, sizeof line, announced) == NULL
        || sscanf(line, "{\"plain\": %d, \"secure\": %d}", &plain, &secure) != 2) {
        fprintf(stderr, "the service of the tests, %s, did not start\n", SERVICE_PROGRAM);
        exit(1);
    }
    fclose(announced);
    snprintf(plain_url, sizeof plain_url, "http://127.0.0.1:%d", plain);
    snprintf(secure_url, sizeof secure_url, "https://127.0.0.1:%d", secure);
    setenv("GUEST_PLAIN_URL", plain_url, 1);
    setenv("GUEST_SECURE_URL", secure_url, 1);
}

void service_find(void)
{
    const char *plain = getenv("GUEST_PLAIN_URL");
    const char *secure = getenv("GUEST_SECURE_URL");

    if (plain == NULL || secure == NULL) {
        fprintf(stderr, "GUEST_PLAIN_URL and GUEST_SECURE_URL are not set\n");
        exit(1);
    }
    snprintf(plain_url, sizeof plain_url, "%s", plain);
    snprintf(secure_url, sizeof secure_url, "%s", secure);
}

const char *service_url(enum door door)
{
    return door == SECURE ? secure_url : plain_url;
}

const char *service_certificate(void)
{
    return CERTIFICATE_FILE;
}

int service_port(enum door door)
{
    return atoi(strrchr(service_url(door), ':') + 1);
}

/* Plain sockets: what is asked about the library's doings must not pass through the library. */
static char *ask(const char *path, const char *tag)
{
    struct sockaddr_in address;
    text answer = {NULL, 0, 0};
    char *request = text_format("GET %s?tag=%s HTTP/1.1\r\n\r\n", path, tag);
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char piece[1024];

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)service_port(PLAIN));
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0
        || send(connection, request, strlen(request), MSG_NOSIGNAL) < 0) {
        give_up("asking the service of the tests");
    }
    while (answer.bytes == NULL || strchr(answer.bytes, '}') == NULL) {
        ssize_t got = recv(connection, piece, sizeof piece, 0);
        if (got < 0) {
            continue;
        }
        if (got == 0) {
            break;
        }
        text_append(&answer, piece, (size_t)got);
    }
    close(connection);
    free(request);
    return answer.bytes;
}

long service_count(const char *tag, const char *what)
{
    char *answer = ask("/journal", tag);
    char *body = answer == NULL ? NULL : strstr(answer, "\r\n\r\n");
    size_t length = 0;
    const char *member = body == NULL ? NULL : json_member(body + 4, what, &length);
    long count = member == NULL ? -1 : atol(member);

    free(answer);
    return count;
}

int service_wait(const char *tag, long requests)
{
    const struct timespec pause = {0, 5000000};
    int left = 2000;

    while (service_count(tag, "requests") < requests) {
        if (left-- == 0) {
            return 0;
        }
        nanosleep(&pause, NULL);
    }
    return 1;
}

void service_release(const char *tag)
{
    free(ask("/release", tag));
}

const char *service_tag(const char *name)
{
    static int made;
    static char tags[16][64];
    char *tag = tags[made % 16];

    snprintf(tag, sizeof tags[0], "%s-%ld-%d", name, (long)getpid(), made++);
    return tag;
}
