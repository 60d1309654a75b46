#include "shims.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <unistd.h>

enum { FARTHEST = 256 };

/* Whether these are the ends of libcurl's own pair: what it writes to wake itself must show.
   docs/decisions.md, libcurl-wake-sockets. */
static int is_wakeup_pair(CURLM *multi, const int *ends)
{
    int before[2] = {-1, -1}, after[2] = {-1, -1};
    if (ioctl(ends[0], SIOCINQ, &before[0]) != 0 || ioctl(ends[1], SIOCOUTQ, &before[1]) != 0
        || curl_multi_wakeup(multi) != CURLM_OK)
        return 0;
    int shows = ioctl(ends[0], SIOCINQ, &after[0]) == 0 && ioctl(ends[1], SIOCOUTQ, &after[1]) == 0
        && before[0] == 0 && after[0] > 0 && before[1] == 0 && after[1] > 0;
    curl_multi_poll(multi, NULL, 0, 0, NULL);
    return shows;
}

/* libcurl closes connections with a handle of its own, and sets the disposition of SIGPIPE for the
   whole process meanwhile, unless the latest transfer forbade it signals (CURLOPT_NOSIGNAL).
   docs/decisions.md, sigpipe-on-close. */
static int pass_handle_through(CURLM *multi)
{
    CURL *handle = curl_easy_init();
    if (handle == NULL)
        return 0;
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    int is_told = curl_multi_add_handle(multi, handle) == CURLM_OK
        && curl_multi_remove_handle(multi, handle) == CURLM_OK;
    curl_easy_cleanup(handle);
    return is_told;
}

/* The pair is among the lowest numbers that were free, whatever other threads took meanwhile. */
static void mark_wakeup_pair(CURLM *multi, int lowest)
{
    for (int first = lowest; first < lowest + FARTHEST; first++) {
        int ends[2] = {first, shim_inherited_pair(first)};
        if (ends[1] >= 0 && is_wakeup_pair(multi, ends)) {
            fcntl(ends[0], F_SETFD, FD_CLOEXEC);
            fcntl(ends[1], F_SETFD, FD_CLOEXEC);
            return;
        }
    }
}

CURLM *shim_multi_new(void)
{
    int lowest = eventfd(0, EFD_CLOEXEC);
    if (lowest >= 0)
        close(lowest);
    CURLM *multi = curl_multi_init();
    if (multi == NULL)
        return NULL;
    if (!pass_handle_through(multi)) {
        curl_multi_cleanup(multi);
        return NULL;
    }
    if (lowest >= 0)
        mark_wakeup_pair(multi, lowest);
    return multi;
}

int shim_multi_can_be_woken(CURLM *multi)
{
    if (curl_multi_wakeup(multi) != CURLM_OK)
        return 0;
    curl_multi_poll(multi, NULL, 0, 0, NULL);
    return 1;
}

/* With CURLOPT_PIPEWAIT transfers wait until it is known whether a connection can be shared. libcurl
   7.88 wakes them in any case, 8.14 only when it can be: otherwise they would wait for the end of the
   first answer. Both wake them whenever a transfer leaves the multi handle. docs/decisions.md, spare-handle. */
void shim_multi_reconsider(CURLM *multi, int may_open_more)
{
    if (may_open_more || curl_version_info(CURLVERSION_NOW)->version_num >= 0x080000)
        pass_handle_through(multi);
}

static curl_socket_t refuse_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)context;
    (void)purpose;
    (void)address;
    return CURL_SOCKET_BAD;
}

/* libcurl looks through the idle connections when a transfer is about to open one. This one is for an
   address that no other has, so that it finds none to use, and fails at its socket.
   docs/decisions.md, pruned-connections. */
void shim_multi_prune(CURLM *multi)
{
    int running = 0;
    CURL *handle = curl_easy_init();
    if (handle == NULL)
        return;
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_URL, "http://0.0.0.0:1/");
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, refuse_socket);
    if (curl_multi_add_handle(multi, handle) == CURLM_OK) {
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        curl_multi_remove_handle(multi, handle);
    }
    curl_easy_cleanup(handle);
}

CURLSH *shim_shared_lookups_new(void)
{
    CURLSH *share = curl_share_init();
    if (share != NULL
        && curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK) {
        curl_share_cleanup(share);
        return NULL;
    }
    return share;
}
