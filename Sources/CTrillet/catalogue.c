/*
 * What trillet_operations() answers, made of the table when it is first asked for: it takes no place
 * in the file. Threads may write it at the same time, since each writes the same: no lock that a
 * fork could leave locked.
 */
#include "operation_table.h"

#include <string.h>

#include "catalogue_size.h"

static char catalogue[SHIM_CATALOGUE_SIZE];
static int is_written;

static const char methods[][8] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
static const char bodies[][12] = {"none", "json", "multipart"};
static const char answers[][8] = {"json", "text", "binary"};
static const char places[][12] = {"path",   "query",  "body",    "upload",
                                  "upload", "upload", "download"};
static const char types[][20] = {"\"any\"",    "\"string\"",  "\"string\"",
                                 "\"integer\"", "\"number\"", "\"boolean\"",
                                 "\"object\"",  "\"array\"",  "\"object\",\"string\""};
enum { OBJECT_OR_TEXT = 8, ALWAYS = 1, ON_PUBLISHED_ROUTE = 2 };

static char *put_character(char *end, char character)
{
    if (end < catalogue + sizeof catalogue - 1)
        __atomic_store_n(end++, character, __ATOMIC_RELAXED);
    return end;
}

static char *put(char *end, const char *text)
{
    while (*text != '\0')
        end = put_character(end, *text++);
    return end;
}

static char *put_text(char *end, shim_text text)
{
    const char *start = shim_text_at(text.offset);
    for (uint16_t index = 0; index < text.length; index += 1) {
        if (start[index] == '"' || start[index] == '\\')
            end = put_character(end, '\\');
        end = put_character(end, start[index]);
    }
    return end;
}

static char *put_member(char *end, const char *name, shim_text text)
{
    end = put(end, name);
    end = put_text(end, text);
    return put(end, "\"");
}

/* `trillet_agents_create` of `agents.create`. */
static char *put_function(char *end, shim_text id)
{
    const char *start = shim_text_at(id.offset);
    end = put(end, ",\"function\":\"trillet_");
    for (uint16_t index = 0; index < id.length; index += 1)
        end = put_character(end, start[index] == '.' ? '_' : start[index]);
    return put(end, "\"");
}

static char *put_resource(char *end, shim_text id)
{
    const char *start = shim_text_at(id.offset);
    const char *dot = memchr(start, '.', id.length);
    shim_text resource = {id.offset, (uint16_t)(dot == NULL ? id.length : dot - start)};
    return put_member(end, ",\"resource\":\"", resource);
}

static char *put_route(char *end, const shim_route *route)
{
    end = put(end, "\"method\":\"");
    end = put(end, methods[route->method]);
    return put_member(end, "\",\"path\":\"", route->path);
}

static char *put_field(char *end, const shim_field *field)
{
    int has_many = field->is_nullable || field->type == OBJECT_OR_TEXT;
    end = put_member(end, "{\"name\":\"", field->name);
    end = put_member(end, ",\"publishedName\":\"", field->published_name);
    end = put(end, ",\"in\":\"");
    end = put(end, places[field->place]);
    end = put(end, has_many ? "\",\"type\":[" : "\",\"type\":");
    end = put(end, types[field->type]);
    end = put(end, field->is_nullable ? ",\"null\"]" : has_many ? "]" : "");
    end = put(end, field->required == ALWAYS ? ",\"required\":true" : ",\"required\":false");
    if (field->required == ON_PUBLISHED_ROUTE)
        end = put(end, ",\"requiredOnPublished\":true");
    return put(end, "}");
}

static char *put_operation(char *end, const shim_operation *operation)
{
    end = put_member(end, "{\"id\":\"", operation->id);
    end = put_function(end, operation->id);
    end = put_member(end, ",\"summary\":\"", operation->summary);
    end = put_resource(end, operation->id);
    end = put(end, ",");
    end = put_route(end, &operation->overview);
    end = put(end, ",\"published\":{");
    end = put_route(end, &operation->published);
    end = put(end, "},\"request\":\"");
    end = put(end, bodies[operation->body]);
    end = put(end, "\",\"fields\":[");
    for (uint16_t index = 0; index < operation->fields.count; index += 1) {
        if (index > 0)
            end = put(end, ",");
        end = put_field(end, shim_field_at(operation->fields.first + index));
    }
    end = put(end, "],\"answer\":\"");
    end = put(end, answers[operation->answer]);
    return put(end, "\"}");
}

const char *shim_catalogue(void)
{
    if (__atomic_load_n(&is_written, __ATOMIC_ACQUIRE))
        return catalogue;
    char *end = put(catalogue, "{\"version\":\"" SHIM_CATALOGUE_VERSION "\",\"operations\":[");
    for (uint16_t index = 0; index < shim_operation_count; index += 1) {
        if (index > 0)
            end = put(end, ",");
        end = put_operation(end, shim_operation_at(index));
    }
    put(end, "]}");
    __atomic_store_n(&is_written, 1, __ATOMIC_RELEASE);
    return catalogue;
}
