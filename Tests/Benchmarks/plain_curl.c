/* The baseline: the same POST by libcurl alone, one handle used again and again. */
#include "measure.h"

#include <curl/curl.h>

struct answer {
    char *text;
    size_t length;
    size_t capacity;
};

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    (void)size;
    if (answer->length + count + 1 > answer->capacity) {
        answer->capacity = (answer->length + count + 1) * 2;
        answer->text = realloc(answer->text, answer->capacity);
        if (answer->text == NULL)
            return 0;
    }
    memcpy(answer->text + answer->length, data, count);
    answer->length += count;
    answer->text[answer->length] = '\0';
    return count;
}

int main(int argc, char **argv)
{
    const long count = read_count(argc, argv);
    char url[512];
    snprintf(url, sizeof url, "%s/api/v1/calls/call", argv[1]);

    curl_global_init(CURL_GLOBAL_ALL);
    CURL *handle = curl_easy_init();
    struct curl_slist *headers = NULL;
    headers = curl_slist_append(headers, "x-api-key: sandbox-key");
    headers = curl_slist_append(headers, "x-workspace-id: sandbox-workspace");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Accept: application/json");
    struct answer answer = {NULL, 0, 0};
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 60000L);

    double cpu = 0, wall = 0;
    for (long index = -100; index < count; index++) {
        if (index == 0) {
            cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
            wall = seconds_of(CLOCK_MONOTONIC);
        }
        long status = 0;
        answer.length = 0;
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)strlen(request_body));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request_body);
        if (curl_easy_perform(handle) != CURLE_OK
            || curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK
            || status != 200) {
            fprintf(stderr, "plain libcurl: status %ld\n", status);
            return 1;
        }
    }
    report(count, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds_of(CLOCK_MONOTONIC) - wall);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    free(answer.text);
    return 0;
}
