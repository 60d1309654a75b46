/* In C, which takes a third of what the same takes in Swift. */
#include "operation_table.h"

#include <string.h>

enum { LONGEST = 64, LONGEST_SHOWN = 128 };

struct message {
    uint8_t *end;
    size_t room;
};

__attribute__((noinline)) static void put(struct message *message, const void *text, size_t count)
{
    if (count > message->room)
        count = message->room;
    memcpy(message->end, text, count);
    message->end += count;
    message->room -= count;
}

static void put_text(struct message *message, const char *text)
{
    put(message, text, strlen(text));
}

static void put_constant(struct message *message, shim_text text)
{
    put(message, shim_text_at(text.offset), text.length);
}

static _Bool is_named(const uint8_t *name, size_t count, shim_text text)
{
    return count == text.length && memcmp(name, shim_text_at(text.offset), count) == 0;
}

int64_t shim_field_index(const uint8_t *path, size_t count, size_t last, shim_range fields,
                         _Bool is_published)
{
    /* Without memory the path may end before its last name. */
    if (count <= last)
        return -1;
    const uint8_t *name = path + last + 1;
    count -= last + 1;
    for (int64_t index = fields.first; index < fields.first + fields.count; index++) {
        const shim_field *field = shim_field_at(index);
        if (is_named(name, count, field->name)
            || (is_published && is_named(name, count, field->published_name)))
            return index;
    }
    return -1;
}

static uint8_t lowercased(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static uint8_t least(uint8_t one, uint8_t other)
{
    return one < other ? one : other;
}

/* How many letters have to be changed, added or left out to make one of the other, whatever their
   case. The name is shorter than LONGEST. */
static uint8_t changes(const uint8_t *name, size_t count, shim_text field)
{
    const char *known = shim_text_at(field.offset);
    uint8_t row[LONGEST];
    size_t length = field.length < LONGEST ? field.length : LONGEST - 1;
    for (size_t index = 0; index <= length; index++)
        row[index] = (uint8_t)index;
    for (size_t mine = 0; mine < count; mine++) {
        uint8_t before = row[0]++;
        for (size_t theirs = 0; theirs < length; theirs++) {
            _Bool differs = lowercased(name[mine]) != lowercased((uint8_t)known[theirs]);
            uint8_t replaced = before + differs;
            before = row[theirs + 1];
            row[theirs + 1] = least(replaced, least(before, row[theirs]) + 1);
        }
    }
    return row[length];
}

static const shim_field *nearest(const uint8_t *name, size_t count, shim_range fields)
{
    const shim_field *nearest = NULL;
    /* With more than every third letter another one it is another word. */
    size_t fewest = count / 3 + 1;
    for (size_t index = 0; index < fields.count && count < LONGEST; index++) {
        const shim_field *field = shim_field_at(fields.first + (int64_t)index);
        uint8_t further = least(changes(name, count, field->name),
                                changes(name, count, field->published_name));
        if (further < fewest) {
            fewest = further;
            nearest = field;
        }
    }
    return nearest;
}

size_t shim_unknown_field(uint8_t *message, size_t room, const uint8_t *path, size_t count,
                          size_t last, int64_t operation, shim_range fields)
{
    struct message all = {message, room};
    const shim_field *meant = nearest(path + last + 1, count - last - 1, fields);
    put_text(&all, "'");
    put(&all, path + 1, count - 1 < LONGEST_SHOWN ? count - 1 : LONGEST_SHOWN);
    put_text(&all, "' is no field of ");
    put_constant(&all, shim_operation_at(operation)->id);
    if (meant != NULL) {
        put_text(&all, "; did you mean '");
        put_constant(&all, meant->name);
        put_text(&all, "'?");
    } else if (fields.count == 0) {
        put_text(&all, ", which has none");
    }
    for (size_t index = 0; index < fields.count && meant == NULL; index++) {
        put_text(&all, index == 0 ? "; known are " : ", ");
        put_constant(&all, shim_field_at(fields.first + (int64_t)index)->name);
    }
    return (size_t)(all.end - message);
}
