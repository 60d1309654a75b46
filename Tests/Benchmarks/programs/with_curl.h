/* A POST by libcurl alone, as the programs of the baseline share it. */
#ifndef WITH_CURL_H
#define WITH_CURL_H

#include "measure.h"

#include <curl/curl.h>

struct transfer {
    CURL *handle;
    double started;
    char *text;
    size_t length;
    size_t capacity;
};

static inline size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = (struct transfer *)context;
    (void)size;
    if (transfer->length + count + 1 > transfer->capacity) {
        transfer->capacity = (transfer->length + count + 1) * 2;
        transfer->text = (char *)must(realloc(transfer->text, transfer->capacity));
    }
    memcpy(transfer->text + transfer->length, data, count);
    transfer->length += count;
    transfer->text[transfer->length] = '\0';
    return count;
}

/* The header lines that libtrillet sends. */
static inline struct curl_slist *request_headers(void)
{
    static const char *const lines[] = {
        "x-api-key: sandbox-key",
        "x-workspace-id: sandbox-workspace",
        "Content-Type: application/json",
        "Accept: application/json, text/csv, */*;q=0.5",
        "User-Agent: benchmark/1.0.0 libcurl/7.88.1",
    };
    struct curl_slist *headers = NULL;
    for (size_t index = 0; index < sizeof lines / sizeof lines[0]; index++)
        headers = (struct curl_slist *)must(curl_slist_append(headers, lines[index]));
    return headers;
}

static inline void open_transfer(struct transfer *transfer, const struct arguments *arguments,
                                 struct curl_slist *headers)
{
    char url[512];
    snprintf(url, sizeof url, "%s/api/v1/calls/call", arguments->base_url);
    CURL *handle = must(curl_easy_init());
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 60000L);
    if (arguments->ca_file != NULL) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, arguments->ca_file);
        curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        /* Over HTTP/2 all requests share a connection instead of opening one each. */
        curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
    }
    memset(transfer, 0, sizeof *transfer);
    transfer->handle = handle;
}

/* Makes the handle ready for another request: the body is another one in earnest. */
static inline void prepare(struct transfer *transfer, const struct arguments *arguments)
{
    transfer->length = 0;
    transfer->started = monotonic_seconds();
    curl_easy_setopt(transfer->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(arguments->body));
    curl_easy_setopt(transfer->handle, CURLOPT_POSTFIELDS, arguments->body);
}

static inline void check(struct transfer *transfer, CURLcode result)
{
    long status = 0;
    if (result == CURLE_OK)
        result = curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 200) {
        fprintf(stderr, "plain libcurl: status %ld, %s\n", status, curl_easy_strerror(result));
        exit(1);
    }
}

static inline void close_transfer(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->handle);
    free(transfer->text);
}

#endif
