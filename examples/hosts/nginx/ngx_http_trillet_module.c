/* An nginx module whose workers place calls: a request's body is the operation's request, and the
   answer is the library's. No worker waits; each request has a deadline of its own.

       env TRILLET_API_KEY;  # and TRILLET_WORKSPACE_ID, TRILLET_BASE_URL
       location = /call { trillet calls.send 20s; }

   The deadline, or a client that goes away, cancels the operation: what has not been sent is not
   sent any more, and what may have rung is written to the error log if nobody hears it. */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#include <trillet.h>

typedef struct {
    char *operation; /* NULL where there is no directive. */
    ngx_msec_t deadline;
} place;

/* Of malloc, not of the request's pool: the library's answer comes when the request has gone, too. */
typedef struct {
    ngx_http_request_t *request; /* NULL when nobody waits any more. */
    ngx_pool_cleanup_t *cleanup;
    ngx_event_t timer;
    uint64_t id;
    int is_late;
} waiting;

extern ngx_module_t ngx_http_trillet_module;
static trillet_client *client;
static ngx_connection_t *watched;
static int is_ending;

static ngx_int_t send_answer(ngx_http_request_t *request, ngx_uint_t status, const char *text)
{
    ngx_chain_t out = {NULL, NULL};
    size_t length = strlen(text);
    ngx_int_t sent;

    out.buf = ngx_create_temp_buf(request->pool, length);
    if (out.buf == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    out.buf->last = ngx_cpymem(out.buf->last, text, length);
    out.buf->last_buf = 1;
    request->headers_out.status = status;
    request->headers_out.content_length_n = (off_t)length;
    ngx_str_set(&request->headers_out.content_type, "application/json");
    request->headers_out.content_type_len = request->headers_out.content_type.len;
    sent = ngx_http_send_header(request);
    return sent == NGX_ERROR || sent > NGX_OK || request->header_only
               ? sent
               : ngx_http_output_filter(request, &out);
}

/* Called once for each request that was submitted, in trillet_drive or in trillet_client_free. */
static void answered(void *user_data, uint64_t id, const char *answer)
{
    waiting *own = user_data;
    ngx_http_request_t *request = own->request;
    int is_well = strncmp(answer, "{\"ok\":true", 10) == 0;
    ngx_uint_t failed = own->is_late ? NGX_HTTP_GATEWAY_TIME_OUT : NGX_HTTP_BAD_GATEWAY;

    if (own->timer.timer_set) {
        ngx_del_timer(&own->timer);
    }
    if (request == NULL || is_ending) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "nobody hears answer %uL: %s", id, answer);
    } else {
        ngx_connection_t *connection = request->connection;
        own->cleanup->handler = NULL;
        ngx_uint_t status = is_well ? NGX_HTTP_OK : failed;
        ngx_http_finalize_request(request, send_answer(request, status, answer));
        ngx_http_run_posted_requests(connection);
    }
    ngx_free(own);
}

static void when_late(ngx_event_t *event)
{
    waiting *own = event->data;

    /* The answer comes, and says whether a phone may have rung. A worker that is to end stays for it
       while a timer is left. */
    own->is_late = 1;
    ngx_add_timer(&own->timer, 1000);
    trillet_cancel(client, own->id);
}

static void when_gone(void *data)
{
    waiting *own = data;

    own->request = NULL;
    if (own->timer.timer_set) {
        ngx_del_timer(&own->timer);
    }
    if (!is_ending) {
        trillet_cancel(client, own->id);
    }
}

static waiting *waiting_of(ngx_http_request_t *request)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(request->pool, 0);
    waiting *own = cleanup == NULL ? NULL : ngx_calloc(sizeof(waiting), request->connection->log);

    if (own == NULL) {
        return NULL;
    }
    own->request = request;
    own->cleanup = cleanup;
    own->timer.handler = when_late;
    own->timer.data = own;
    own->timer.log = ngx_cycle->log;
    return own;
}

/* The body as a text, or NULL. */
static char *body_of(ngx_http_request_t *request)
{
    ngx_chain_t *link = request->request_body == NULL ? NULL : request->request_body->bufs;
    size_t length = link == NULL ? 0 : (size_t)(link->buf->last - link->buf->pos);
    char *text = ngx_pcalloc(request->pool, length + 1);

    if (text != NULL && length > 0) {
        ngx_memcpy(text, link->buf->pos, length);
    }
    return text;
}

static void when_read(ngx_http_request_t *request)
{
    place *here = ngx_http_get_module_loc_conf(request, ngx_http_trillet_module);
    char *body;
    waiting *own;

    if (request->request_body != NULL && request->request_body->temp_file != NULL) {
        ngx_http_finalize_request(request, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
        return;
    }
    body = body_of(request);
    own = body == NULL ? NULL : waiting_of(request);
    if (own == NULL) {
        ngx_http_finalize_request(request, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }
    own->id = trillet_submit(client, here->operation, body, NULL, answered, own);
    if (own->id == 0) { /* No answer follows. */
        ngx_free(own);
        ngx_http_finalize_request(request, NGX_HTTP_SERVICE_UNAVAILABLE);
        return;
    }
    own->cleanup->handler = when_gone;
    own->cleanup->data = own;
    ngx_add_timer(&own->timer, here->deadline);
    request->read_event_handler = ngx_http_test_reading; /* Ends the request when its client goes. */
    request->write_event_handler = ngx_http_request_empty_handler;
}

static ngx_int_t handle(ngx_http_request_t *request)
{
    ngx_int_t begun;

    if (request->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    request->request_body_in_single_buf = 1;
    begun = ngx_http_read_client_request_body(request, when_read);
    return begun >= NGX_HTTP_SPECIAL_RESPONSE ? begun : NGX_DONE;
}

static void when_readable(ngx_event_t *event)
{
    (void)event;
    trillet_drive(client, 0);
}

static ngx_int_t start_worker(ngx_cycle_t *cycle)
{
    char *error = NULL;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) {
        return NGX_OK; /* The cache's helpers place no calls. */
    }
    client = trillet_client_new("{\"engine\":\"caller\",\"maxRetries\":0}", &error);
    if (client == NULL) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "no client: %s", error);
        trillet_free(error);
        return NGX_ERROR;
    }
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

static void *create_place(ngx_conf_t *configuration)
{
    return ngx_pcalloc(configuration->pool, sizeof(place));
}

static char *set_place(ngx_conf_t *configuration, ngx_command_t *command, void *made)
{
    ngx_http_core_loc_conf_t *location =
        ngx_http_conf_get_module_loc_conf(configuration, ngx_http_core_module);
    ngx_str_t *words = configuration->args->elts;
    ngx_int_t deadline = ngx_parse_time(&words[2], 0);
    place *here = made;

    (void)command;
    if (here->operation != NULL) {
        return "is duplicate";
    }
    if (deadline <= 0) {
        return "needs a deadline, such as 20s";
    }
    here->operation = (char *)words[1].data; /* nginx ends its words with a zero. */
    here->deadline = (ngx_msec_t)deadline;
    location->handler = handle;
    return NGX_CONF_OK;
}

static ngx_command_t commands[] = {
    {ngx_string("trillet"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE2, set_place,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    ngx_null_command,
};

static ngx_http_module_t context = {NULL, NULL, NULL, NULL, NULL, NULL, create_place, NULL};

ngx_module_t ngx_http_trillet_module = {
    NGX_MODULE_V1,
    &context,
    commands,
    NGX_HTTP_MODULE,
    NULL, /* init_master */
    NULL, /* init_module */
    start_worker,
    NULL, /* init_thread */
    NULL, /* exit_thread */
    end_worker,
    NULL, /* exit_master */
    NGX_MODULE_V1_PADDING,
};
