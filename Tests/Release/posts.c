/* Sends twenty calls, one after the other: posts URL [CA-FILE]. The server counts the connections. */

#include <stdio.h>
#include <string.h>
#include <trillet.h>

enum { POSTS = 20 };

int main(int argc, char **argv)
{
    const char *request = "{\"agentId\":\"0123456789abcdef01234567\",\"toNumber\":\"+12025550164\"}";
    char options[2048];
    char *error = NULL;
    trillet_client *client;
    int answered = 0;
    int post;

    if (argc < 2)
        return 2;
    snprintf(options, sizeof options,
             argc > 2 ? "{\"apiKey\":\"sandbox-key\",\"baseUrl\":\"%s\",\"caFile\":\"%s\"}"
                      : "{\"apiKey\":\"sandbox-key\",\"baseUrl\":\"%s\"}",
             argv[1], argc > 2 ? argv[2] : "");
    client = trillet_client_new(options, &error);
    if (client == NULL) {
        puts(error);
        trillet_free(error);
        return 1;
    }
    for (post = 0; post < POSTS; post++) {
        char *answer = trillet_calls_send(client, request, NULL);
        if (strncmp(answer, "{\"ok\":true", 10) == 0)
            answered++;
        else
            puts(answer);
        trillet_free(answer);
    }
    trillet_client_free(client);
    printf("%d answered\n", answered);
    return answered == POSTS ? 0 : 1;
}
