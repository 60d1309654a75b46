/* JSON as client options, as the options of a check, and as a request, which is refused for the lack
   of a field before anything is sent. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char contacts[] = "phone_number\n+12025550164\n";
    static trillet_client *client;
    char *json = fuzz_text_without(data, size, "ile");
    char *error = NULL;
    trillet_client *made = trillet_client_new(json, &error);

    if (client == NULL)
        client = trillet_client_new(
            "{\"apiKey\":\"sandbox-key\",\"baseUrl\":\"http://127.0.0.1:9\",\"env\":false,"
            "\"maxRetries\":0}",
            NULL);
    if (made == NULL)
        fuzz_take(error);
    trillet_client_free(made);
    fuzz_take(trillet_csv_check(contacts, sizeof contacts - 1, json));
    fuzz_take(trillet_call(client, "calls.send", json, NULL));
    free(json);
    return 0;
}
