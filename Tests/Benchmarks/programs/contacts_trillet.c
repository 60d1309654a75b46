/* trillet_csv_check of a file, with all that it looks for or without duplicates. */
#include "contacts.h"

#include <trillet.h>

int main(int argc, char **argv)
{
    char options[4096];
    char *answer, *accepted;
    double begin, seconds;
    long before;

    if (argc != 3)
        return 2;
    snprintf(options, sizeof options, "{\"file\":\"%s\",\"duplicates\":%s,\"prompt\":\"{name}\"}",
             argv[1], argv[2]);
    forget_peak();
    before = memory("VmRSS");
    begin = processor_seconds();
    answer = trillet_csv_check(NULL, 0, options);
    seconds = processor_seconds() - begin;
    accepted = strstr(answer, "\"accepted\":");
    if (accepted == NULL) {
        fprintf(stderr, "%s\n", answer);
        return 1;
    }
    say(seconds, strtol(accepted + strlen("\"accepted\":"), NULL, 10), memory("VmHWM") - before);
    trillet_free(answer);
    return 0;
}
