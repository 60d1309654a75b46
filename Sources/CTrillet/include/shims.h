/*
 * What Swift cannot say itself: libcurl's variadic calls, POSIX threads and signals.
 * Nothing here decides anything; the decisions are in Sources/Trillet.
 */
#ifndef TRILLET_SHIMS_H
#define TRILLET_SHIMS_H

#include <curl/curl.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "csv_scan.h"
#include "download_shims.h"
#include "operation_table.h"
#include "secrets.h"
#include "text_scan.h"
#include "thread_shims.h"

/* Memory: text handed to the host is malloc'd, so that one allocator owns it. */
void *shim_reallocate(void *block, size_t size);
void shim_deallocate(void *block);
void *shim_allocate_zeroed(size_t count, size_t size);
/* memcpy: Embedded Swift copies a buffer element by element. docs/decisions.md, memcpy-shim. */
static inline void shim_copy(void *destination, const void *source, size_t count)
{
    memcpy(destination, source, count);
}
static inline void shim_prefetch(const void *address)
{
    __builtin_prefetch(address, 1);
}
static inline void shim_move(void *destination, const void *source, size_t count)
{
    memmove(destination, source, count);
}
static inline _Bool shim_is_equal(const void *one, const void *other, size_t count)
{
    return memcmp(one, other, count) == 0;
}
/* `count` when the byte is not there. */
static inline size_t shim_first_offset(const void *text, uint8_t byte, size_t count)
{
    const void *found = count == 0 ? NULL : memchr(text, byte, count);
    return found == NULL ? count : (size_t)((const char *)found - (const char *)text);
}
/* `count` when the piece is not there. */
size_t shim_find(const void *text, size_t count, const void *piece, size_t length);
static inline size_t shim_text_length(const char *text)
{
    return strlen(text);
}

/* An eventfd: readable while it is set. A negative errno when the system has none. */
int shim_event_new(void);
void shim_event_set(int event);
void shim_event_clear(int event);
void shim_descriptor_close(int descriptor);
/* A timerfd: readable from the time on that it was set to. A negative errno when there is none to be
   had. */
int shim_timer_new(void);
void shim_timer_set(int timer, int64_t monotonic_microseconds);

/* epoll, level-triggered. */
enum { SHIM_READABLE = 1, SHIM_WRITABLE = 2, SHIM_BROKEN = 4, SHIM_MOST_READY = 256 };
typedef struct {
    int descriptor;
    int happened;
} shim_ready;
/* A negative errno when the system has none. */
int shim_poller_new(void);
/* Whether an errno says that a descriptor or memory is missing, which may pass. */
int shim_is_shortage(int error_number);
int shim_poller_watch(int poller, int descriptor, int interest, int is_watched);
void shim_poller_forget(int poller, int descriptor);
/* How many are ready; negative when a signal came. */
int shim_poller_wait(int poller, shim_ready *ready, int capacity, int timeout_milliseconds,
                     int cancel_state);

int64_t shim_monotonic_microseconds(void);
int64_t shim_boot_time_milliseconds(void);
int64_t shim_wall_clock_milliseconds(void);
/* Bits that nobody can foretell, 0 when the system has none. */
uint64_t shim_random_seed(void);
int32_t shim_process_id(void);
/* A number that is 1 here and 0 in every child that this process forks; NULL where the system has
   no such memory (Linux before 4.14). */
int32_t *shim_fork_mark_new(void);
void shim_fork_mark_free(int32_t *mark);
const char *shim_environment(const char *name);
/* Whether an allocation has just failed on this thread, or would fail now. */
int shim_is_short_of_memory(void);

/* SIGPIPE is blocked on the calling thread, and one that a transfer raised is consumed. */
typedef struct {
    int was_blocked;
    int was_pending;
} shim_sigpipe_guard;
void shim_sigpipe_block(shim_sigpipe_guard *guard);
void shim_sigpipe_restore(const shim_sigpipe_guard *guard);

/* Keeps OpenSSL usable while the process ends: its own exit handler would take it apart under the
   threads that still use it. No effect where the host has used it before, or there is no OpenSSL. */
void shim_tls_outlive_exit(void);
/* Whether OpenSSL was in use before the library was, so that its exit handler may be installed. */
int shim_tls_ends_at_exit(void);
/* Watches a client. One that uses the host's TLS is ended when the process exits, before handlers
   that were installed earlier: `end` does that, and is 0 when a client could not be ended in time.
   The threads of all of them are gone when the library is unloaded: `leave` waits for that. Both let
   go of the clients, which `hold` keeps from being freed. 0 when there is no memory, SHIM_EXITING when
   it would use the host's TLS and another thread has begun to exit. */
typedef struct {
    void (*hold)(void *client);
    int (*end)(void **clients, size_t count);
    void (*leave)(void **clients, size_t count);
} shim_exit_functions;
enum { SHIM_EXITING = -1 };
int shim_exit_watch(void *client, int uses_hosts_tls, const shim_exit_functions *functions);
void shim_exit_forget(void *client);
/* Around what closes connections outside of a call, and at the end of one: an exit waits for its
   end. */
void shim_exit_begin_leaving(void);
void shim_exit_end_leaving(void);
/* Whether the process exits and a client could not be ended in time: its thread must not touch TLS
   any more. */
int shim_tls_is_gone(void);
/* Whether the library is being unloaded: its threads end without calling the host. */
int shim_is_unloading(void);
/* Empties the calling thread's list of OpenSSL errors, in which a failed transfer leaves its own:
   the host would take them for those of its next call. */
void shim_tls_forget_errors(void);
/* Frees what OpenSSL has of the calling thread. */
void shim_tls_leave_thread(void);

/* Which file it is, and what of it changes when it is written to. */
typedef struct {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
} shim_file_identity;
/* A regular file for reading, never waited for; a negative errno when it cannot be opened. */
int shim_file_open(const char *path, shim_file_identity *identity);
/* 0, or the errno. */
int shim_file_identify(int descriptor, shim_file_identity *identity);
/* How many bytes were read, 0 at the end, a negative errno when it failed. */
int64_t shim_file_read(int descriptor, void *into, size_t count);
/* Back to the beginning: 0, or the errno. */
int shim_file_rewind(int descriptor);
/* 0 when all was written, otherwise the errno. */
int shim_file_write(int descriptor, const void *from, size_t count);
/* The same of what may have a reader that goes away. */
int shim_stream_write(int descriptor, const void *from, size_t count);
/* Brings what was written to the disk. */
int shim_file_flush(int descriptor);

/* Where writing to a path leads: symbolic links are followed, also to nothing. `descriptor` is the
   number of the process's own when it is one of those (/dev/stdout), otherwise -1. NULL, and the
   errno in `descriptor`, when it cannot be found out; free it with shim_deallocate(). */
char *shim_output_place(const char *path, int *descriptor);
/* Which file it is behind all links; where there is none yet, which folder and what name in it. Two
   paths with the same one are one file. */
typedef struct {
    uint64_t device;
    uint64_t inode;
    /* 0 for a file that is there. */
    uint64_t name;
} shim_output_identity;
/* 0 for what is no regular file and would not become one. */
int shim_output_identify(const char *path, shim_output_identity *identity);
/* 1 and a descriptor when the place takes what is written as it comes: a device, a FIFO, a descriptor
   of the process. 0 for a regular file or none, a negative errno when it cannot be had. */
int shim_output_stream(const char *place, int own, int *descriptor);
/* Makes the file that is to take the place, with mode and group of the one there, which must be of the
   same owner. `rewrites` when that one must be written to itself: it has other names, or an access
   list. A negative errno when it cannot be. */
enum { SHIM_FILE_OF_ANOTHER = (1 << 20) + 8, SHIM_FILE_IS_DISK, SHIM_OUTPUT_REWRITE };
int shim_output_create(const char *temporary, const char *place, int *rewrites);
/* Moves or copies the file to its place; 0, or the errno. */
int shim_output_commit(const char *temporary, const char *place, int rewrites);
void shim_file_remove(const char *path);

/* What a file held when it was read: a sum for each block. */
typedef struct shim_fingerprint shim_fingerprint;
shim_fingerprint *shim_fingerprint_new(void);
/* 0 when there is no memory. */
int shim_fingerprint_add(shim_fingerprint *print, const uint8_t *bytes, size_t count);
/* Takes the place of the one given, which had everything added; NULL, the one given being as it
   was, when there is no memory. */
shim_fingerprint *shim_fingerprint_end(shim_fingerprint *print);
void shim_fingerprint_free(shim_fingerprint *print);

/* A file on its way into a request. It closes the descriptor; the fingerprint, which may be NULL,
   must outlive it. */
typedef struct shim_upload shim_upload;
enum { SHIM_UPLOAD_GOOD, SHIM_UPLOAD_SHORTER, SHIM_UPLOAD_CHANGED, SHIM_UPLOAD_UNREADABLE };
shim_upload *shim_upload_new(int descriptor, int64_t size, const shim_fingerprint *checked);
void shim_upload_free(shim_upload *upload);
/* Reads the first block ahead; 0 when there is a problem with it. */
int shim_upload_prime(shim_upload *upload);
CURLcode shim_upload_attach(shim_upload *upload, curl_mimepart *part);
/* `detail` is how many bytes are missing, or the errno. */
int shim_upload_problem(const shim_upload *upload, int64_t *detail);

/* A file that grows, opened for reading and writing and made if need be, and its size; a negative
   errno or one of these when it cannot be had. It is locked as long as it is open. */
enum { SHIM_FILE_EXISTS = 1 << 20, SHIM_FILE_IN_USE };
int shim_append_open(const char *path, int must_be_new, int64_t *size, int *is_made);
/* Removes the file if it is still the one that is open, and empty. */
void shim_append_remove(int descriptor, const char *path);
/* How many bytes were read, a negative errno when it failed. */
int64_t shim_append_read(int descriptor, void *into, size_t count, int64_t offset);
/* 0 when all is on the disk, otherwise the errno. */
int shim_append_write(int descriptor, const void *from, size_t count, int64_t offset);
int shim_append_cut(int descriptor, int64_t size);
/* Brings the name of a new file to the disk. */
void shim_directory_flush(const char *path);

/* curl_global_init, once for the process. */
CURLcode shim_curl_global_init(void);
int shim_curl_resolves_asynchronously(void);
/* Whether libcurl and its TLS library are inside this library. */
int shim_is_bundled(void);
/* The file of trusted certificates to use when the host names none; NULL leaves it to libcurl, or
   there is none. */
const char *shim_ca_file(void);
/* Where shim_ca_file looks, for an error; NULL where it is libcurl's business. */
const char *shim_ca_places(void);

typedef struct {
    const char *libcurl;
    const char *tls;
    const char *ca_file;
    int has_http2;
    int is_bundled;
} shim_facts;

shim_facts shim_library_facts(void);

/* Whether this libcurl's TLS library writes to sockets without MSG_NOSIGNAL. Known once libcurl is
   initialized. */
int shim_curl_can_raise_sigpipe(void);

CURLcode shim_set_long(CURL *handle, CURLoption option, long value);
CURLcode shim_set_size(CURL *handle, CURLoption option, int64_t value);
CURLcode shim_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode shim_set_write_function(CURL *handle, curl_write_callback function);
CURLcode shim_set_header_function(CURL *handle, curl_write_callback function);
/* CURLOPT_PREREQFUNCTION; CURLE_UNKNOWN_OPTION on a libcurl older than 7.80. */
typedef int (*shim_prerequest_callback)(void *context);
typedef struct {
    shim_prerequest_callback function;
    void *context;
} shim_prerequest;
CURLcode shim_set_prerequest(CURL *handle, shim_prerequest *prerequest);
/* What the servers of a multi handle's connections said last with GOAWAY, on streams of requests that
   were listened to. */
enum { SHIM_GOODBYES = 4 };
typedef struct {
    struct {
        /* libcurl's number for the connection and 1, so that 0 is none. */
        uint32_t connection;
        uint32_t last_stream;
    } latest[SHIM_GOODBYES];
    uint32_t next;
} shim_goodbyes;

/* What libcurl says, with CURLOPT_VERBOSE on, of a request and its HTTP/2 stream. Nothing is printed. */
typedef struct {
    /* Whether bytes went out that are no request for a tunnel. */
    int32_t is_written;
    /* Shared with the other requests of a multi handle, or NULL. */
    shim_goodbyes *goodbyes;
    /* As above; 0 where libcurl does not say it. */
    uint32_t connection;
    int32_t is_refused;
    int32_t has_goodbye;
    /* The last one that the server processed, or will, and the request's own. */
    uint32_t last_stream;
    uint32_t stream;
    /* Whether the server gave another reason for the end of the stream. */
    int32_t has_other_reason;
    int32_t demands_http1;
    /* Whether libcurl has given this attempt up. */
    int32_t is_over;
} shim_refusal;
void shim_hear_refusal(CURL *handle, shim_refusal *refusal);
/* Forgets what was said, except on which connection the request is, where that is to be kept. */
void shim_forget_words(shim_refusal *refusal, int keeps_connection);
/* Whether the server said that it did not process the stream, and will not. */
int shim_has_refused(const shim_refusal *refusal);
/* Whether it said so to another request on the connection. It says nothing of a stream that the server
   ended by itself. */
int shim_has_refused_others(const shim_refusal *refusal);
/* Whether libcurl remembers in a handle, which is in no multi handle, that a stream was refused. The
   handle is of no further use. */
int shim_remembers_refusal(CURL *handle);

/* Ends an HTTP/2 connection on which a server sends frames without end that are no answer. Used by one
   thread, and as long as there are connections. */
typedef struct {
    /* TLS records since libcurl was last called, or handed over a piece of an answer. */
    uint32_t records;
    /* How many connections were ended. */
    uint32_t broken;
    int64_t since_microseconds;
    /* Which the last record came on. */
    const void *connection;
} shim_flood_guard;
/* No effect where libcurl uses another TLS library than OpenSSL. */
void shim_set_flood_guard(CURL *handle, shim_flood_guard *guard);

CURLcode shim_allow_http_only(CURL *handle);
/* A look-up that still runs must not hold up the end of a handle; nothing before libcurl 7.87. */
void shim_set_quick_exit(CURL *handle);

/* The seconds since 1970 that an HTTP date names, -1 for none. */
int64_t shim_parse_http_date(const char *text);

long shim_info_long(CURL *handle, CURLINFO info);
int64_t shim_info_size(CURL *handle, CURLINFO info);
const char *shim_info_text(CURL *handle, CURLINFO info);
void *shim_info_pointer(CURL *handle, CURLINFO info);

/* The socket of the connection that the handle used last, as long as libcurl keeps it; negative when
   it does not. */
int shim_info_socket(CURL *handle);

/* Ends a connection that nobody waits on if anything has come on it, its end included; whether it has. */
int shim_socket_end_unless_quiet(int descriptor);

/* Whether the other end has not closed the connection, whatever is left to be read of it. */
int shim_socket_is_open(int descriptor);

/* curl_multi_init for a guest: the descriptors that libcurl opens for itself are kept from programs
   that the host starts, and libcurl leaves the host's signals alone. */
CURLM *shim_multi_new(void);
/* Whether curl_multi_wakeup works: not on a handle that was made without free descriptors. */
int shim_multi_can_be_woken(CURLM *multi);
/* Lets transfers that wait for a connection look again whether there is one for them, where libcurl does
   not do so by itself. Not to be called from a callback. */
void shim_multi_reconsider(CURLM *multi, int may_open_more);
/* Closes the idle connections that their servers have closed. */
void shim_multi_prune(CURLM *multi);
enum { SHIM_OWN_CONNECTION = 1, SHIM_SHARED_CONNECTION = 2 };
/* Whether a transfer has its TLS connection for itself, or speaks HTTP/2 on it. The former too where
   that cannot be told. */
int shim_connection_kind(CURL *handle);
/* Addresses that the transfers of several multi handles know, all of which one thread at a time uses. */
CURLSH *shim_shared_lookups_new(void);
CURLMcode shim_multi_set_long(CURLM *multi, CURLMoption option, long value);

/* `has_begun` becomes 1 when the handle begins to look up a name. */
void shim_set_lookup_flag(CURL *handle, int32_t *has_begun);
/* The other end of a pair of sockets that programs would inherit, -1 for anything else. */
int shim_inherited_pair(int descriptor);
/* Keeps the descriptors of a look-up, of which this is one, from programs that the host starts. */
void shim_lookup_mark(int descriptor);
/* curl_multi_perform that does so for all look-ups; `has_begun` is the flag of its handles. */
CURLMcode shim_multi_perform(CURLM *multi, int *running, int32_t *has_begun);

/* What a multi handle and its connections report to an event loop. */
typedef struct {
    void *context;
    /* A connection's socket was made, or is about to be closed. */
    void (*opened)(void *context, int descriptor);
    void (*closed)(void *context, int descriptor);
    /* `interest` is of SHIM_READABLE and SHIM_WRITABLE, 0 for none any more. */
    void (*watch)(void *context, int descriptor, int interest);
    /* Negative for no timer. */
    void (*set_timer)(void *context, long milliseconds);
    /* A name is being looked up, so the next descriptor may be the resolver's. */
    int32_t *lookup_has_begun;
    /* The kinds of TLS connections that transfers have established, for the loop to clear. */
    int32_t has_connected;
    /* Set when connections come and go; cleared by an answer. */
    int is_unproven;
    shim_goodbyes goodbyes;
} shim_multi_events;
/* NULL for NULL. */
static inline shim_goodbyes *shim_goodbyes_of(shim_multi_events *events)
{
    return events == NULL ? NULL : &events->goodbyes;
}
CURLMcode shim_multi_set_events(CURLM *multi, const shim_multi_events *events);
CURLMcode shim_multi_socket_action(CURLM *multi, int descriptor, int happened);
CURLMcode shim_multi_timeout_action(CURLM *multi);
/* Sockets are close-on-exec, so that programs the host starts hold no connection open; `events`,
   which may be NULL, must outlive the connections. */
void shim_set_socket_events(CURL *handle, shim_multi_events *events);

#endif
