/* A thread ends its own blocking calls. */
#include "check.h"
#include "fixture.h"
#include "interrupting.h"
#include "suites.h"

#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static char *name_operation(trillet_client *client)
{
    return trillet_call(client, "calls.send", SEND_CALL, NULL);
}

static char *follow_batch(trillet_client *client)
{
    return trillet_batch_calls_wait(client, "{\"batchId\":\"b\"}", NULL, NULL, NULL);
}

static char *fetch_page(trillet_client *client)
{
    trillet_pager *pager = trillet_pager_new(client, "agents.list", NULL, NULL);
    char *answer = trillet_pager_next(pager);

    trillet_pager_free(pager);
    return answer;
}

static char *open_connection(trillet_client *client)
{
    return trillet_client_warm(client, 1, -1);
}

typedef struct blocked {
    call_function call;
} blocked;

static void a_call_that_is_being_sent_ends_soon(const void *argument)
{
    const blocked *shown = (const blocked *)argument;
    fixture opened = fixture_open("\"timeoutMs\":30000,\"maxRetries\":0");
    stop_button button = new_button();
    caller calling;

    recording_server_hold(opened.server);
    start_caller(&calling, &opened, shown->call, &button);
    CHECK(recording_server_wait(opened.server, 1));
    press(&button);
    expect_soon(&calling, "maybe");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

static void opening_connections_ends_soon(const void *argument)
{
    fixture opened = fixture_open("\"timeoutMs\":30000");
    stop_button button = new_button();
    caller calling;

    (void)argument;
    recording_server_hold(opened.server);
    start_caller(&calling, &opened, open_connection, &button);
    CHECK(recording_server_wait(opened.server, 1));
    press(&button);
    expect_soon(&calling, "no");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

static void a_call_that_waits_ends_with_nothing_sent(const void *argument)
{
    fixture opened = fixture_open((const char *)argument);
    stop_button button = new_button();
    caller first, second;

    recording_server_hold(opened.server);
    start_caller(&first, &opened, send_call, NULL);
    CHECK(recording_server_wait(opened.server, 1));
    start_caller(&second, &opened, send_call, &button);
    while (__atomic_load_n(&button.asked, __ATOMIC_SEQ_CST) == 0) {
        pause_milliseconds(1);
    }
    press(&button);
    expect_soon(&second, "no");
    /* The other thread's call goes on. */
    recording_server_release(opened.server);
    pthread_join(first.thread, NULL);
    answer_expect_data(first.answer, "{}");
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void a_pause_ends_soon(const void *argument)
{
    fixture opened = fixture_open("");
    stop_button button = new_button();
    caller calling;

    (void)argument;
    recording_server_answer(opened.server, 503, "Retry-After: 20\r\n", "{}", 2);
    start_caller(&calling, &opened, send_call, &button);
    CHECK(recording_server_wait(opened.server, 1));
    pause_milliseconds(100);
    press(&button);
    expect_soon(&calling, "no");
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void do_nothing(int signal)
{
    (void)signal;
}

/* `check` is asked at once, which the test sees by how often. */
static void a_signal_has_it_asked(const void *argument)
{
    enum { SIGNALS = 20, PAUSE = 25 };
    fixture opened = fixture_open("\"timeoutMs\":30000");
    struct sigaction action, before;
    stop_button button = new_button();
    caller calling;
    int asked;
    int index;

    (void)argument;
    memset(&action, 0, sizeof action);
    action.sa_handler = do_nothing;
    sigaction(SIGUSR1, &action, &before);
    recording_server_hold(opened.server);
    start_caller(&calling, &opened, send_call, &button);
    CHECK(recording_server_wait(opened.server, 1));
    asked = __atomic_load_n(&button.asked, __ATOMIC_SEQ_CST);
    for (index = 0; index < SIGNALS; index++) {
        pthread_kill(calling.thread, SIGUSR1);
        pause_milliseconds(PAUSE);
    }
    CHECK(__atomic_load_n(&button.asked, __ATOMIC_SEQ_CST) - asked >= SIGNALS / 2);
    press(&button);
    pthread_kill(calling.thread, SIGUSR1);
    expect_soon(&calling, "maybe");
    recording_server_release(opened.server);
    sigaction(SIGUSR1, &before, NULL);
    fixture_close(&opened);
}

static void a_check_that_goes_on_changes_nothing(const void *argument)
{
    fixture opened = fixture_open("");
    stop_button button = new_button();
    caller calling;

    (void)argument;
    recording_server_hold(opened.server);
    start_caller(&calling, &opened, send_call, &button);
    CHECK(recording_server_wait(opened.server, 1));
    while (__atomic_load_n(&button.asked, __ATOMIC_SEQ_CST) < 2) {
        pause_milliseconds(1);
    }
    recording_server_release(opened.server);
    pthread_join(calling.thread, NULL);
    answer_expect_data(calling.answer, "{}");
    fixture_close(&opened);
}

static int32_t call_again(void *user_data)
{
    caller *inner = (caller *)user_data;

    /* The call in here has it asked, too. */
    if (inner->is_calling) {
        return 0;
    }
    inner->is_calling = 1;
    if (inner->answer == NULL) {
        inner->answer = trillet_agents_list(inner->client, NULL, "{\"timeoutMs\":300}");
    }
    inner->is_calling = 0;
    return 1;
}

static void a_check_may_call_where_everything_is_taken(const void *argument)
{
    fixture opened = fixture_open("\"maxInFlight\":1,\"maxConnections\":1");
    caller inner, waiting;

    (void)argument;
    recording_server_hold(opened.server);
    start_caller(&waiting, &opened, send_call, NULL);
    CHECK(recording_server_wait(opened.server, 1));
    memset(&inner, 0, sizeof inner);
    inner.client = opened.client;
    CHECK_NUMBER(trillet_client_set_interrupt(opened.client, call_again, &inner), 0);
    answer_expect_error(send_call(opened.client), "cancelled", "no");
    /* Sent, and held by the server as the other is. */
    answer_expect_error(inner.answer, "timeout", "maybe");
    CHECK_NUMBER(trillet_client_set_interrupt(opened.client, NULL, NULL), 0);
    recording_server_release(opened.server);
    pthread_join(waiting.thread, NULL);
    answer_expect_data(waiting.answer, "{}");
    fixture_close(&opened);
}

static void it_is_refused_where_nothing_can_be_called(const void *argument)
{
    fixture opened = fixture_open("");
    int status = 0;
    pid_t child;

    (void)argument;
    CHECK_NUMBER(trillet_client_set_interrupt(NULL, NULL, NULL), -1);
    child = fork();
    if (child == 0) {
        _exit(trillet_client_set_interrupt(opened.client, look, NULL) == -1 ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_NUMBER(status, 0);
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 0);
    CHECK_NUMBER(trillet_client_set_interrupt(opened.client, look, NULL), -1);
    fixture_close(&opened);
}

void interrupting_suite(void)
{
    static const blocked sending = {send_call};
    static const blocked naming = {name_operation};
    static const blocked following = {follow_batch};
    static const blocked paging = {fetch_page};

    check_suite("interrupting");
    check_case("A call that is being sent ends soon, and may have been carried out",
               a_call_that_is_being_sent_ends_soon, &sending);
    check_case("So does one by its operation's name", a_call_that_is_being_sent_ends_soon,
               &naming);
    check_case("Following a batch ends soon", a_call_that_is_being_sent_ends_soon, &following);
    check_case("Fetching a page ends soon", a_call_that_is_being_sent_ends_soon, &paging);
    if (requests_share_connections()) {
        check_case("Opening connections ends soon", opening_connections_ends_soon, NULL);
    }
    check_case("A call that waits for its turn ends with nothing sent",
               a_call_that_waits_ends_with_nothing_sent, "\"maxInFlight\":1");
    check_case("A call that waits for a connection ends with nothing sent",
               a_call_that_waits_ends_with_nothing_sent, "\"maxConnections\":1");
    check_case("A pause after a refusal ends soon", a_pause_ends_soon, NULL);
    check_case("A signal handler has the check asked at once", a_signal_has_it_asked, NULL);
    check_case("A check that lets the call go on changes nothing",
               a_check_that_goes_on_changes_nothing, NULL);
    check_case("A check may call the client that has no room for others",
               a_check_may_call_where_everything_is_taken, NULL);
    check_case("It is refused for NULL, in a child and after closing",
               it_is_refused_where_nothing_can_be_called, NULL);
}
