/* A client of the parent process, in a forked child. */
#ifndef FORKED_CLIENT_H
#define FORKED_CLIENT_H

#include "trillet.h"

/* Checks that every function of the header that takes a client refuses it at once, and that the
   header has no such function that is not tried here. */
void expect_forked(trillet_client *client);

#endif
