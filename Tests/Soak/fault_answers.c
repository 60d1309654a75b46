#include "fault_answers.h"

#include "chance.h"

#include <stdio.h>
#include <string.h>

enum { LARGE_BODY = 96 * 1024 };

enum fault {
    ANSWERED,
    ANSWERED_IN_CHUNKS,
    ANSWERED_AND_CLOSED,
    ANSWERED_LATE,
    ANSWERED_AT_LENGTH,
    SILENT,
    CLOSED,
    RESET,
    CUT_IN_HEAD,
    CUT_IN_BODY,
    NOT_JSON,
    NOT_HTTP,
    NOT_FOUND,
    TOO_MANY,
    TOO_MANY_FOR_A_SECOND,
    FAILED,
    BUSY,
    BUSY_FOR_NOW
};

/* Of 100,000 requests. The others are answered. */
static const struct {
    enum fault fault;
    unsigned frequency;
} mixture[] = {
    {ANSWERED_IN_CHUNKS, 3000}, {ANSWERED_AND_CLOSED, 500}, {ANSWERED_LATE, 2000},
    {ANSWERED_AT_LENGTH, 300},  {SILENT, 100},              {CLOSED, 1000},
    {RESET, 1000},              {CUT_IN_HEAD, 300},         {CUT_IN_BODY, 500},
    {NOT_JSON, 500},            {NOT_HTTP, 100},            {NOT_FOUND, 1000},
    {TOO_MANY, 500},            {TOO_MANY_FOR_A_SECOND, 2}, {FAILED, 500},
    {BUSY, 500},                {BUSY_FOR_NOW, 500},
};

static chance dice;

void fault_seed(uint64_t seed)
{
    dice = chance_seeded(seed);
}

static int answer(connection *to, int status, const char *headers, const char *body, size_t length)
{
    static char text[LARGE_BODY + 1024];
    int head = snprintf(text, 1024,
                        "HTTP/1.1 %d Soaked\r\nContent-Type: application/json\r\n%s"
                        "Content-Length: %zu\r\n\r\n",
                        status, headers, length);

    memcpy(text + head, body, length);
    return connection_transmit(to, text, (size_t)head + length);
}

int fault_answer_well(connection *to, const char *token)
{
    char body[256];
    int length = snprintf(body, sizeof body, "{\"token\":\"%s\",\"status\":\"queued\"}", token);

    return answer(to, 200, "", body, (size_t)length);
}

static int refuse(connection *to, int status, const char *headers, const char *token)
{
    char body[256];
    int length = snprintf(body, sizeof body, "{\"error\":\"Refused\",\"details\":\"%s\"}", token);

    return answer(to, status, headers, body, (size_t)length);
}

static int answer_in_chunks(connection *to, const char *token)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                          "Transfer-Encoding: chunked\r\n\r\na\r\n{\"token\":\"\r\n%zx\r\n%s\r\n"
                          "2\r\n\"}\r\n0\r\n\r\n",
                          strlen(token), token);

    return connection_transmit(to, text, (size_t)length);
}

static int answer_at_length(connection *to, const char *token)
{
    static char body[LARGE_BODY];
    int start = snprintf(body, sizeof body, "{\"token\":\"%s\",\"text\":\"", token);

    memset(body + start, 'x', sizeof body - (size_t)start);
    memcpy(body + sizeof body - 2, "\"}", 2);
    return answer(to, 200, "", body, sizeof body);
}

static int cut(connection *to, const char *token, int in_head)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                          "Content-Length: 200\r\n\r\n{\"token\":\"%s\"",
                          token);

    to->closes = 1;
    return connection_transmit(to, text, in_head ? 40 : (size_t)length);
}

static int answer_late(connection *to, const char *token)
{
    connection_answer_late(to, token, 1 + (int64_t)chance_below(&dice, 40));
    return 1;
}

static enum fault roll(void)
{
    unsigned number = chance_below(&dice, 100000);
    size_t index;

    for (index = 0; index < sizeof mixture / sizeof *mixture; index++) {
        if (number < mixture[index].frequency) {
            return mixture[index].fault;
        }
        number -= mixture[index].frequency;
    }
    return ANSWERED;
}

int fault_respond(connection *to, const char *token)
{
    switch (roll()) {
    case ANSWERED: return fault_answer_well(to, token);
    case ANSWERED_IN_CHUNKS: return answer_in_chunks(to, token);
    case ANSWERED_AND_CLOSED: to->closes = 1; return fault_answer_well(to, token);
    case ANSWERED_LATE: return answer_late(to, token);
    case ANSWERED_AT_LENGTH: return answer_at_length(to, token);
    case SILENT: return 1;
    case CLOSED: connection_end(to, 0); return 0;
    case RESET: connection_end(to, 1); return 0;
    case CUT_IN_HEAD: return cut(to, token, 1);
    case CUT_IN_BODY: return cut(to, token, 0);
    case NOT_JSON: return answer(to, 200, "", "{\"token\":", 9);
    case NOT_HTTP: to->closes = 1; return connection_transmit(to, "SOAK/9 what?\r\n\r\n", 16);
    case NOT_FOUND: return refuse(to, 404, "", token);
    case TOO_MANY: return refuse(to, 429, "", token);
    case TOO_MANY_FOR_A_SECOND: return refuse(to, 429, "Retry-After: 1\r\n", token);
    case FAILED: return refuse(to, 500, "", token);
    case BUSY: return refuse(to, 503, "", token);
    case BUSY_FOR_NOW: return refuse(to, 503, "Retry-After: 0\r\n", token);
    }
    return 1;
}
