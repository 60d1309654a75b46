/* A module whose worker processes submit requests all the time, and which closes nothing: nginx has
   used OpenSSL before, and ends a worker while the library's thread is busy over TLS. */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <trillet.h>

enum { IN_FLIGHT = 32 };

static trillet_client *client;

static void submit(void *data, uint64_t id, const char *answer)
{
    (void)data;
    (void)id;
    (void)answer;
    trillet_submit(client, "POST /echo", "{\"delayMs\":1}", NULL, submit, NULL);
}

static ngx_int_t begin(ngx_cycle_t *cycle)
{
    char *error = NULL;

    client = trillet_client_new(getenv("TRILLET_HOST_OPTIONS"), &error);
    if (client == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "no client: %s", error);
        trillet_free(error);
        return NGX_ERROR;
    }
    for (int request = 0; request < IN_FLIGHT; request++)
        trillet_submit(client, "POST /echo", "{\"delayMs\":1}", NULL, submit, NULL);
    return NGX_OK;
}

static ngx_http_module_t context = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};

ngx_module_t trillet_host = {
    NGX_MODULE_V1, &context, NULL, NGX_HTTP_MODULE, NULL, NULL, begin,
    NULL,          NULL,     NULL, NULL,            NGX_MODULE_V1_PADDING,
};
