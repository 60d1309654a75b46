/* What the programs over the library share. */
#ifndef WITH_TRILLET_H
#define WITH_TRILLET_H

#include "measure.h"

#include <trillet.h>

#ifndef ENGINE
#define ENGINE "thread"
#endif

static inline trillet_client *open_client(const struct arguments *arguments)
{
    char options[4096], trust[2048] = "";
    if (arguments->ca_file != NULL)
        snprintf(trust, sizeof trust, ",\"caFile\":\"%s\"", arguments->ca_file);
    snprintf(options, sizeof options,
             "{\"apiKey\":\"sandbox-key\",\"workspaceId\":\"sandbox-workspace\",\"baseUrl\":\"%s\","
             "\"env\":false,\"engine\":\"" ENGINE "\",\"maxInFlight\":%ld%s}",
             arguments->base_url, arguments->in_flight, trust);
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
