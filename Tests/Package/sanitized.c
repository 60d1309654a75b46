/* A program built with -fsanitize=thread that submits requests to an address where nobody answers. */
#include "trillet.h"

#include <stddef.h>

enum { REQUESTS = 50 };

int main(void)
{
    trillet_client *client = trillet_client_new(
        "{\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"http://127.0.0.1:1\",\"maxRetries\":0}", NULL);
    int index;

    if (client == NULL)
        return 2;
    for (index = 0; index < REQUESTS; index++) {
        trillet_submit(client, "agents.list", NULL, NULL, NULL, NULL);
        trillet_free(trillet_next(client, 5000, NULL));
    }
    trillet_client_free(client);
    return 0;
}
