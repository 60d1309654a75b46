/* A client in the event loop of a SIP program over libre: a MESSAGE to NUMBER, with an agent in its
 * body, has that number called. One argument: the port of UDP on loopback.
 *
 *   cc -o calls calls.c $(pkg-config --cflags --libs libre trillet)
 *
 * Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
 */
#include <trillet.h>

#include <stdlib.h>
#include <string.h>

#include <re.h>

enum { CLOSE_MILLISECONDS = 5000 };

/* A request without an answer is sent again for 32 s; then its sender gives up. */
static const char *const LIMITS = "{\"timeoutMs\":20000,\"maxRetries\":0}";

static trillet_client *client;
static struct sip *sip;

/* A MESSAGE that waits for its call. */
struct waiting {
    struct sip_strans *transaction;
    struct sip_msg *message;
};

/* 503 lets a proxy try another server. After 603 it must not: the number would ring again. */
static uint16_t code_of(const char *sent)
{
    return sent != NULL && strcmp(sent, "no") == 0 ? 503 : 603;
}

static const struct odict *member(const struct odict *answer, const char *name)
{
    const struct odict_entry *entry = odict_get_type(answer, ODICT_OBJECT, name);

    return entry == NULL ? NULL : entry->u.odict;
}

static void when_done(void *user_data, uint64_t id, const char *text)
{
    struct waiting *own = user_data;
    struct odict *answer = NULL;
    const struct odict *error;
    const char *reason;
    uint16_t code = 200;

    (void)id;
    json_decode_odict(&answer, 16, text, strlen(text), 32);
    reason = odict_string(member(answer, "meta"), "callId");
    error = member(answer, "error");
    if (error != NULL) {
        code = code_of(odict_string(error, "sent"));
        reason = odict_string(error, "type");
    }
    sip_treply(&own->transaction, sip, own->message, code, reason == NULL ? "OK" : reason);
    mem_deref(answer);
    mem_deref(own->message);
    mem_deref(own);
}

static char *request_of(const struct sip_msg *message)
{
    struct odict *request = NULL;
    char *agent = NULL, *number = NULL, *text = NULL;

    re_sdprintf(&agent, "%b", mbuf_buf(message->mb), mbuf_get_left(message->mb));
    re_sdprintf(&number, "+%r", &message->uri.user);
    odict_alloc(&request, 4);
    odict_entry_add(request, "agentId", ODICT_STRING, agent);
    odict_entry_add(request, "toNumber", ODICT_STRING, number);
    re_sdprintf(&text, "%H", json_encode_odict, request);
    mem_deref(request);
    mem_deref(number);
    mem_deref(agent);
    return text;
}

/* The transaction first: it takes in what UDP sends again, and no number rings twice. */
static bool when_asked(const struct sip_msg *message, void *user_data)
{
    struct waiting *own;
    char *request;

    (void)user_data;
    if (pl_strcmp(&message->met, "MESSAGE") != 0) {
        return false;
    }
    own = mem_zalloc(sizeof *own, NULL);
    if (own == NULL || sip_strans_alloc(&own->transaction, sip, message, NULL, NULL) != 0) {
        mem_deref(own);
        sip_reply(sip, message, 503, "Service Unavailable");
        return true;
    }
    own->message = mem_ref((void *)(uintptr_t)message);
    request = request_of(message);
    trillet_submit(client, "calls.send", request, LIMITS, when_done, own);
    mem_deref(request);
    return true;
}

static void when_readable(int flags, void *user_data)
{
    (void)flags;
    (void)user_data;
    trillet_drive(client, 0);
}

static void when_signalled(int number)
{
    (void)number;
    re_cancel();
}

int main(int count, char **arguments)
{
    struct sip_lsnr *listener = NULL;
    struct sa address;
    int problem;

    client = trillet_client_new("{\"engine\":\"caller\"}", NULL);
    if (client == NULL) {
        fputs("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?\n", stderr);
        return 1;
    }
    problem = libre_init();
    problem |= sa_set_str(&address, "127.0.0.1", count > 1 ? (uint16_t)atoi(arguments[1]) : 5060);
    problem |= sip_alloc(&sip, NULL, 32, 32, 32, "calls", NULL, NULL);
    problem |= sip_transp_add(sip, SIP_TRANSP_UDP, &address);
    problem |= sip_listen(&listener, sip, true, when_asked, NULL);
    problem |= fd_listen(trillet_completion_fd(client), FD_READ, when_readable, NULL);
    if (problem == 0) {
        re_main(when_signalled);
    }
    /* Answers still find their transactions; the descriptor closes with the client. */
    fd_close(trillet_completion_fd(client));
    trillet_client_close(client, CLOSE_MILLISECONDS);
    trillet_client_free(client);
    mem_deref(listener);
    sip_close(sip, true);
    mem_deref(sip);
    libre_close();
    return problem == 0 ? 0 : 1;
}
