/* An addon for Node: a client in Node's own event loop, whose answers settle promises. No thread is
 * started, and Node ends when nothing is under way. calls.js shows how to build it.
 */
#include <trillet.h>

#include <node_api.h>
#include <stdlib.h>
#include <uv.h>

typedef struct node_client {
    trillet_client *client;
    uv_poll_t watcher;
    /* NULL once Node has begun to take the object or itself away. */
    napi_env env;
    napi_async_context context;
    napi_async_cleanup_hook_handle cleanup;
    /* Keeps the object while its requests are under way. */
    napi_ref self;
    int under_way;
    int parts_left;
} node_client;

typedef struct promise {
    node_client *owner;
    napi_deferred deferred;
} promise;

static napi_value refuse(napi_env env, const char *why)
{
    napi_throw_error(env, NULL, why);
    return NULL;
}

/* Runs inside trillet_drive(), below: in a scope for handles and one for callbacks. */
static void settle(void *user_data, uint64_t id, const char *answer)
{
    promise *made = (promise *)user_data;
    node_client *own = made->owner;
    napi_value text;

    (void)id;
    if (own->env != NULL) {
        napi_create_string_utf8(own->env, answer, NAPI_AUTO_LENGTH, &text);
        napi_resolve_deferred(own->env, made->deferred, text);
        if (--own->under_way == 0) {
            uv_unref((uv_handle_t *)&own->watcher);
            napi_reference_unref(own->env, own->self, NULL);
        }
    }
    free(made);
}

static void when_readable(uv_poll_t *watcher, int status, int events)
{
    node_client *own = (node_client *)watcher->data;
    napi_handle_scope handles;
    napi_callback_scope callbacks;
    napi_value resource;

    (void)status;
    (void)events;
    napi_open_handle_scope(own->env, &handles);
    napi_create_object(own->env, &resource);
    napi_open_callback_scope(own->env, resource, own->context, &callbacks);
    trillet_drive(own->client, 0);
    /* What awaits the promises runs here, after the client's own loop. */
    napi_close_callback_scope(own->env, callbacks);
    napi_close_handle_scope(own->env, handles);
}

/* client.submit(operation, request): the text of the answer, later. */
static napi_value submit(napi_env env, napi_callback_info info)
{
    napi_value arguments[2], self, result;
    size_t count = 2, length;
    char operation[64], *request;
    node_client *own;
    promise *made;

    napi_get_cb_info(env, info, &count, arguments, &self, NULL);
    if (count < 2 || napi_unwrap(env, self, (void **)&own) != napi_ok ||
        napi_get_value_string_utf8(env, arguments[0], operation, sizeof operation, NULL) != napi_ok ||
        napi_get_value_string_utf8(env, arguments[1], NULL, 0, &length) != napi_ok) {
        return refuse(env, "submit takes an operation and the JSON text of a request");
    }
    request = (char *)malloc(length + 1);
    made = (promise *)malloc(sizeof *made);
    if (request == NULL || made == NULL) {
        free(request);
        free(made);
        return refuse(env, "out of memory");
    }
    napi_get_value_string_utf8(env, arguments[1], request, length + 1, NULL);
    made->owner = own;
    napi_create_promise(env, &made->deferred, &result);
    if (own->under_way++ == 0) {
        uv_ref((uv_handle_t *)&own->watcher);
        napi_reference_ref(env, own->self, NULL);
    }
    trillet_submit(own->client, operation, request, NULL, settle, made);
    free(request);
    return result;
}

static void leave(node_client *own)
{
    if (--own->parts_left == 0) {
        free(own);
    }
}

static void when_closed(uv_handle_t *watcher)
{
    node_client *own = (node_client *)watcher->data;

    trillet_client_free(own->client);
    napi_remove_async_cleanup_hook(own->cleanup);
    leave(own);
}

/* Node or a worker of it ends: it waits for the hook to be removed. */
static void when_ending(napi_async_cleanup_hook_handle cleanup, void *data)
{
    node_client *own = (node_client *)data;

    (void)cleanup;
    if (own->env != NULL) {
        own->env = NULL;
        uv_close((uv_handle_t *)&own->watcher, when_closed);
    }
}

/* The object is no longer in use, or Node has ended. */
static void when_collected(napi_env env, void *data, void *hint)
{
    node_client *own = (node_client *)data;

    (void)hint;
    napi_async_destroy(env, own->context);
    when_ending(NULL, own);
    leave(own);
}

/* new Client(): with the options of the environment. */
static napi_value construct(napi_env env, napi_callback_info info)
{
    napi_value self, name;
    node_client *own = (node_client *)calloc(1, sizeof *own);
    uv_loop_t *loop;

    napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
    if (own == NULL) {
        return refuse(env, "out of memory");
    }
    own->client = trillet_client_new("{\"engine\":\"caller\"}", NULL);
    if (own->client == NULL) {
        free(own);
        return refuse(env, "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?");
    }
    own->env = env;
    own->parts_left = 2;
    own->watcher.data = own;
    napi_create_string_utf8(env, "trillet", NAPI_AUTO_LENGTH, &name);
    napi_async_init(env, NULL, name, &own->context);
    napi_get_uv_event_loop(env, &loop);
    uv_poll_init(loop, &own->watcher, trillet_completion_fd(own->client));
    uv_poll_start(&own->watcher, UV_READABLE, when_readable);
    uv_unref((uv_handle_t *)&own->watcher);
    napi_add_async_cleanup_hook(env, when_ending, own, &own->cleanup);
    napi_wrap(env, self, own, when_collected, NULL, &own->self);
    return self;
}

NAPI_MODULE_INIT()
{
    napi_property_descriptor methods[] = {
        {"submit", NULL, submit, NULL, NULL, NULL, napi_default_method, NULL},
    };
    napi_value constructor;

    napi_define_class(env, "Client", NAPI_AUTO_LENGTH, construct, NULL, 1, methods, &constructor);
    napi_set_named_property(env, exports, "Client", constructor);
    return exports;
}
