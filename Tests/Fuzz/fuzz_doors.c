/* Every door that takes text, without a network: client options, an operation with its request and
   options, by call and by submission, a pager, a batch to wait for. Nothing listens where the client
   would connect to. */
#include "fuzz.h"

#include <string.h>

static const char SERVICE[] =
    "{\"apiKey\":\"sandbox-key\",\"baseUrl\":\"http://127.0.0.1:9\",\"env\":false,\"maxRetries\":0,"
    "\"timeoutMs\":200}";

static void forget(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    (void)message;
}

static int32_t end_at_once(void *user_data, const char *progress)
{
    (void)user_data;
    (void)progress;
    return 1;
}

static void try_options(const char *options)
{
    char *error = NULL;
    trillet_client *client = trillet_client_new(options, &error);
    if (client == NULL) {
        fuzz_take(error);
        return;
    }
    fuzz_take(trillet_client_stats(client));
    trillet_client_free(client);
}

static void try_operation(trillet_client *client, const char *operation, const char *request,
                          const char *options)
{
    uint64_t id;
    char *answer;
    fuzz_take(trillet_call(client, operation, request, options));
    if (trillet_submit(client, operation, request, options, NULL, NULL) != 0) {
        answer = trillet_next(client, 10000, &id);
        fuzz_take(answer);
    }
    if (trillet_submit(client, operation, request, options, NULL, NULL) != 0) {
        answer = trillet_next_many(client, 10000, 8);
        fuzz_take_array(answer);
    }
}

static void try_lists(trillet_client *client, const char *operation, const char *request,
                      const char *options)
{
    trillet_pager *pager = trillet_pager_new(client, operation, request, options);
    char *page = trillet_pager_next(pager);
    if (page != NULL)
        fuzz_take(page);
    trillet_pager_free(pager);
    fuzz_take(trillet_batch_calls_wait(client, request, options, end_at_once, NULL));
    fuzz_take(trillet_calls_wait(client, request, options, end_at_once, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static trillet_client *client;
    fuzz_input input = {data, size};
    char *operation, *request, *options, *client_options;

    if (client == NULL) {
        client = trillet_client_new(SERVICE, NULL);
        if (client == NULL || trillet_client_set_log(client, TRILLET_LOG_DEBUG, forget, NULL) != 0)
            abort();
    }
    operation = fuzz_line(&input);
    request = fuzz_line(&input);
    options = fuzz_line(&input);
    client_options = fuzz_line(&input);
    try_options(client_options);
    /* Waiting for a batch would be as long as the text says. */
    if (strstr(options, "imeout") == NULL && strstr(options, "axR") == NULL) {
        try_operation(client, operation, request, options);
        if (strstr(request, "IntervalMs") == NULL && strstr(request, "deadline") == NULL)
            try_lists(client, operation, request, options);
    }
    free(client_options);
    free(options);
    free(request);
    free(operation);
    return 0;
}
