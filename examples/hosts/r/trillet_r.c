/* What R's .Call needs: answers as strings of R. All of it runs on R's own thread. */
#include <R.h>
#include <Rinternals.h>
#include <trillet.h>

static trillet_client *client;

static SEXP taken(char *answer)
{
    SEXP text = answer == NULL ? R_NilValue : Rf_mkString(answer);

    trillet_free(answer);
    return text;
}

SEXP open_client(SEXP options)
{
    client = trillet_client_new(CHAR(STRING_ELT(options, 0)), NULL);
    return Rf_ScalarLogical(client != NULL);
}

SEXP call(SEXP operation)
{
    return taken(trillet_call(client, CHAR(STRING_ELT(operation, 0)), NULL, NULL));
}

SEXP contacts(SEXP csv)
{
    SEXP text = STRING_ELT(csv, 0);

    return taken(trillet_csv_check(CHAR(text), (size_t)Rf_length(text), NULL));
}

/* `function` of R gets the answer in drive(), which must be called by R: "caller" sees to that. */
static void when_done(void *function, uint64_t id, const char *answer)
{
    SEXP text = PROTECT(Rf_mkString(answer));
    SEXP made = PROTECT(Rf_lang2((SEXP)function, text));

    (void)id;
    Rf_eval(made, R_GlobalEnv);
    UNPROTECT(2);
}

SEXP submit(SEXP operation, SEXP function)
{
    int fetched = Rf_isNull(function);

    if (!fetched) {
        R_PreserveObject(function);
    }
    trillet_submit(client, CHAR(STRING_ELT(operation, 0)), NULL, NULL,
                   fetched ? NULL : when_done, function);
    return R_NilValue;
}

SEXP drive(SEXP milliseconds)
{
    return Rf_ScalarInteger(trillet_drive(client, Rf_asInteger(milliseconds)));
}

SEXP next_answer(void)
{
    return taken(trillet_next(client, -1, NULL));
}

SEXP close_client(void)
{
    trillet_client_free(client);
    return R_NilValue;
}
