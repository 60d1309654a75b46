/* The same POST through trillet_calls_send. */
#include "measure.h"

#include <trillet.h>

int main(int argc, char **argv)
{
    const long count = read_count(argc, argv);
    char options[1024];
    snprintf(options, sizeof options,
             "{\"apiKey\":\"sandbox-key\",\"workspaceId\":\"sandbox-workspace\",\"baseUrl\":\"%s\"}",
             argv[1]);
    char *error = NULL;
    trillet_client *client = trillet_client_new(options, &error);
    if (client == NULL) {
        fprintf(stderr, "%s\n", error);
        trillet_free(error);
        return 1;
    }

    double cpu = 0, wall = 0;
    for (long index = -100; index < count; index++) {
        if (index == 0) {
            cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
            wall = seconds_of(CLOCK_MONOTONIC);
        }
        char *answer = trillet_calls_send(client, request_body, NULL);
        if (strncmp(answer, "{\"ok\":true,", 11) != 0) {
            fprintf(stderr, "libtrillet: %s\n", answer);
            return 1;
        }
        trillet_free(answer);
    }
    report(count, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds_of(CLOCK_MONOTONIC) - wall);
    trillet_client_free(client);
    return 0;
}
