/* COUNT requests in flight at once through the library. */
#include "hold.h"
#include "with_trillet.h"

int main(int argc, char **argv)
{
    struct arguments arguments = read_arguments(argc, argv);
    arguments.in_flight = arguments.count;
    trillet_client *client = open_client(&arguments);
    wait_until_seen();

    for (long index = 0; index < arguments.count; index++)
        if (trillet_submit(client, "calls.send", arguments.body, NULL, NULL, NULL) == 0)
            check(NULL);
    for (long ended = 0; ended < arguments.count; ended++) {
        char *answer = trillet_next(client, 120000, NULL);
        check(answer);
        trillet_free(answer);
    }
    printf("answered %ld\n", arguments.count);
    trillet_client_free(client);
    return 0;
}
