/* The groups of tests that the program runs. */
#ifndef SUITES_H
#define SUITES_H

void header_suite(void);
void exports_suite(void);
void request_suite(void);
void path_suite(void);
void body_suite(void);
void header_line_suite(void);
void upload_suite(void);
void contact_suite(void);
void answer_suite(void);
void error_suite(void);
void failure_suite(void);
void tls_suite(void);
void closing_suite(void);
void draining_suite(void);
void interrupted_ends_suite(void);
void interrupting_suite(void);
void warming_suite(void);
void driving_suite(void);
void stepping_suite(void);
void input_suite(void);
void strict_field_suite(void);
void hostile_text_suite(void);
void option_suite(void);
void json_files_suite(void);
void thread_suite(void);

#endif
