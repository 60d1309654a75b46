/* An nginx module whose workers submit all the time, and whose client is never closed. The options
   of the client and the request come from the environment. */
#include <ngx_config.h>
#include <ngx_core.h>

#include <trillet.h>

enum { IN_FLIGHT = 64 };

static trillet_client *client;

static void submit_again(void *request, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    trillet_submit(client, "POST /echo", request, NULL, submit_again, request);
}

static ngx_int_t start_worker(ngx_cycle_t *cycle)
{
    char *error = NULL;
    int index;

    client = trillet_client_new(getenv("HOST_OPTIONS"), &error);
    if (client == NULL) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "no client: %s", error);
        trillet_free(error);
        return NGX_ERROR;
    }
    for (index = 0; index < IN_FLIGHT; index++) {
        submit_again(getenv("HOST_REQUEST"), 0, NULL);
    }
    return NGX_OK;
}

static ngx_core_module_t context = {ngx_string("trillet_host"), NULL, NULL};

ngx_module_t ngx_trillet_host_module = {
    NGX_MODULE_V1,
    &context,
    NULL, /* No directives. */
    NGX_CORE_MODULE,
    NULL, /* init_master */
    NULL, /* init_module */
    start_worker,
    NULL, /* init_thread */
    NULL, /* exit_thread */
    NULL, /* exit_process */
    NULL, /* exit_master */
    NGX_MODULE_V1_PADDING,
};
