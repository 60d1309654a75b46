#ifndef TRILLET_SANDBOX_CURL_SHIMS_H
#define TRILLET_SANDBOX_CURL_SHIMS_H

#include <curl/curl.h>

/* Swift calls no variadic functions: one function for each type of value. */

static inline CURLcode shim_easy_set_number(CURL *easy, CURLoption option, long value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_easy_set_text(CURL *easy, CURLoption option, const char *value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode shim_easy_set_pointer(CURL *easy, CURLoption option, void *value)
{
    return curl_easy_setopt(easy, option, value);
}

typedef size_t (*shim_data_function)(char *bytes, size_t size, size_t count, void *owner);

static inline CURLcode shim_easy_set_data_function(CURL *easy, CURLoption option,
                                                   shim_data_function function)
{
    return curl_easy_setopt(easy, option, function);
}

static inline long shim_easy_status(CURL *easy)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static inline CURLMcode shim_multi_set_number(CURLM *multi, CURLMoption option, long value)
{
    return curl_multi_setopt(multi, option, value);
}

static inline CURLcode shim_message_result(const CURLMsg *message)
{
    return message->data.result;
}

static inline CURLcode shim_easy_allow_http_only(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* A transfer that ends while a name is being looked up does not wait for the look-up. */
static inline void shim_easy_leave_lookups(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)easy;
#endif
}

#endif
