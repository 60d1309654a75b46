/* The service of service.py, shared by all cases. */
#ifndef SERVICE_H
#define SERVICE_H

enum door { PLAIN, SECURE };

/* Starts the service; it ends with this process. Call it once, before the first case. */
void service_start(void);

/* Takes the addresses from the environment, where service_start() has put them for programs that
   a case starts. */
void service_find(void);

const char *service_url(enum door door);
const char *service_certificate(void);
int service_port(enum door door);

/* How many requests, different ids or connections the service saw under a tag. */
long service_count(const char *tag, const char *what);

/* Waits until so many requests have come, at most ten seconds. 1 when they have. */
int service_wait(const char *tag, long requests);

/* Answers every request of the tag that is held. */
void service_release(const char *tag);

/* A tag that no other case of any process uses; valid until the process ends. */
const char *service_tag(const char *name);

#endif
