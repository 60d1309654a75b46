/* What the programs over the library share. */
#ifndef WITH_TRILLET_H
#define WITH_TRILLET_H

#include "measure.h"

#include <trillet.h>

static inline trillet_client *open_client(const struct arguments *arguments, long in_flight)
{
    char options[1024];
    snprintf(options, sizeof options,
             "{\"apiKey\":\"sandbox-key\",\"workspaceId\":\"sandbox-workspace\",\"baseUrl\":\"%s\","
             "\"env\":false,\"maxInFlight\":%ld}",
             arguments->base_url, in_flight);
    char *error = NULL;
    trillet_client *client = trillet_client_new(options, &error);
    if (client == NULL) {
        fprintf(stderr, "libtrillet: %s\n", error);
        exit(1);
    }
    return client;
}

static inline void check(const char *answer)
{
    static const char success[] = "{\"ok\":true,\"status\":200,";
    if (answer == NULL || strncmp(answer, success, sizeof success - 1) != 0) {
        fprintf(stderr, "libtrillet: %s\n", answer == NULL ? "no answer" : answer);
        exit(1);
    }
}

#endif
