/* What the fault server answers: mostly well, else with one of its faults. */
#ifndef FAULT_ANSWERS_H
#define FAULT_ANSWERS_H

#include "fault_connection.h"

/* Which requests fail how follows from the seed. */
void fault_seed(uint64_t seed);

/* Both return 0 when they have ended the connection. */
int fault_respond(connection *to, const char *token);
int fault_answer_well(connection *to, const char *token);

#endif
