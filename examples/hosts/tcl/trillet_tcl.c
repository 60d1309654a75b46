/* trillet::client, call, contacts, submit and free for Tcl: answers of submit come as events. */
#include <stddef.h>
#include <string.h>
#include <tcl.h>
#include <trillet.h>

typedef struct answered {
    Tcl_Event event; /* first, as Tcl has it */
    char *text;
} answered;

static Tcl_ThreadId own_thread;
static Tcl_Interp *own;

/* On Tcl's own thread, in its event loop: where Tcl code may run. */
static int hand_over(Tcl_Event *event, int flags)
{
    char *text = ((answered *)event)->text;

    (void)flags;
    Tcl_SetVar2(own, "answer", NULL, text, TCL_GLOBAL_ONLY);
    Tcl_Free(text);
    return 1;
}

/* On a thread of the library, which may queue events and must not touch the interpreter. */
static void when_done(void *user_data, uint64_t id, const char *answer)
{
    answered *queued = (answered *)(void *)Tcl_Alloc(sizeof *queued);

    (void)user_data;
    (void)id;
    queued->event.proc = hand_over;
    queued->text = strcpy(Tcl_Alloc((unsigned)strlen(answer) + 1), answer);
    Tcl_ThreadQueueEvent(own_thread, &queued->event, TCL_QUEUE_TAIL);
    Tcl_ThreadAlert(own_thread);
}

static int taken(Tcl_Interp *interp, char *answer)
{
    Tcl_SetObjResult(interp, Tcl_NewStringObj(answer, -1));
    trillet_free(answer);
    return TCL_OK;
}

/* trillet ACTION ?ARGUMENT? */
static int act(ClientData data, Tcl_Interp *interp, int count, Tcl_Obj *const words[])
{
    static trillet_client *client;
    const char *action = count > 1 ? Tcl_GetString(words[1]) : "";
    const char *argument = count > 2 ? Tcl_GetString(words[2]) : "";
    char *error = NULL;

    (void)data;
    if (strcmp(action, "open") == 0) {
        client = trillet_client_new(argument, &error);
        return client != NULL ? TCL_OK : (taken(interp, error), TCL_ERROR);
    }
    if (strcmp(action, "call") == 0) {
        return taken(interp, trillet_call(client, argument, NULL, NULL));
    }
    if (strcmp(action, "contacts") == 0) {
        return taken(interp, trillet_csv_check(argument, strlen(argument), NULL));
    }
    if (strcmp(action, "submit") == 0) {
        trillet_submit(client, argument, NULL, NULL, count > 3 ? when_done : NULL, NULL);
        return TCL_OK;
    }
    if (strcmp(action, "next") == 0) {
        return taken(interp, trillet_next(client, -1, NULL));
    }
    trillet_client_free(client);
    return TCL_OK;
}

int Trillet_Init(Tcl_Interp *interp)
{
    own = interp;
    own_thread = Tcl_GetCurrentThread();
    Tcl_CreateObjCommand(interp, "trillet", act, NULL, NULL);
    return TCL_OK;
}
