/* The groups of cases that the program runs. */
#ifndef SUITES_H
#define SUITES_H

void fork_suite(void);
void fork_end_suite(void);
void signal_suite(void);
void exit_suite(void);
void denied_call_suite(void);
void client_suite(void);
void stack_suite(void);
void state_suite(void);
void descriptor_suite(void);
void lookup_suite(void);
void memory_suite(void);
void neighbour_suite(void);
void callback_suite(void);
void completion_suite(void);
void completion_array_suite(void);
void driving_suite(void);
void abandoned_calls_suite(void);
void taking_over_suite(void);
void driver_descriptor_suite(void);
void leaving_suite(void);
void woken_suite(void);

#endif
