/* An nginx module whose workers submit all the time. The options of the client and the request come
   from the environment. With engine "thread" the client is never closed; with "caller" it lives in the
   worker's event loop, and ends with it. */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <trillet.h>

enum { IN_FLIGHT = 64 };

static trillet_client *client;
static ngx_connection_t *watched;
static int is_ending;

static void submit_again(void *request, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    if (is_ending) {
        return;
    }
    trillet_submit(client, "POST /echo", request, NULL, submit_again, request);
}

static void when_readable(ngx_event_t *event)
{
    (void)event;
    trillet_drive(client, 0);
}

static ngx_int_t watch(ngx_cycle_t *cycle)
{
    watched = ngx_get_connection(trillet_completion_fd(client), cycle->log);
    if (watched == NULL) {
        return NGX_ERROR;
    }
    watched->read->handler = when_readable;
    watched->read->log = cycle->log;
    return ngx_add_event(watched->read, NGX_READ_EVENT, NGX_LEVEL_EVENT);
}

static void end_worker(ngx_cycle_t *cycle)
{
    (void)cycle;
    if (watched == NULL) {
        return;
    }
    is_ending = 1;
    ngx_del_event(watched->read, NGX_READ_EVENT, 0);
    ngx_free_connection(watched);
    watched->fd = (ngx_socket_t)-1; /* nginx would report it as left open */
    trillet_client_free(client);
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
    return trillet_drive(client, 0) < 0 ? NGX_OK : watch(cycle);
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
    end_worker,
    NULL, /* exit_master */
    NGX_MODULE_V1_PADDING,
};
