#include "secrets.h"

#include "secret_names.h"

#include <string.h>

static const shim_part nothing;

static _Bool is_one_of(const char *bytes, uint8_t byte)
{
    return byte != 0 && strchr(bytes, byte) != NULL;
}

static uint8_t lowercased(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static _Bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static _Bool is_letter(uint8_t byte)
{
    return lowercased(byte) >= 'a' && lowercased(byte) <= 'z';
}

static _Bool is_in_word(uint8_t byte)
{
    return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
}

static size_t skip(const uint8_t *text, size_t count, size_t offset, const char *skipped)
{
    while (offset < count && is_one_of(skipped, text[offset]))
        offset++;
    return offset;
}

static _Bool are_alike(const uint8_t *one, size_t one_count, const uint8_t *other, size_t other_count)
{
    size_t mine = 0, theirs = 0;
    while (1) {
        mine = skip(one, one_count, mine, "_-.");
        theirs = skip(other, other_count, theirs, "_-.");
        if (mine == one_count || theirs == other_count)
            return mine == one_count && theirs == other_count;
        if (lowercased(one[mine++]) != lowercased(other[theirs++]))
            return 0;
    }
}

int64_t shim_word_place(const uint8_t *text, size_t count, const uint8_t *words, size_t words_count,
                        shim_part *found)
{
    int64_t place = 0;
    for (size_t start = 0, end; start < words_count; start = end + 1, place++) {
        end = start;
        while (end < words_count && words[end] != ' ')
            end++;
        if (are_alike(text, count, words + start, end - start)) {
            *found = (shim_part){start, end};
            return place;
        }
    }
    return -1;
}

_Bool shim_is_secret_name(const uint8_t *text, size_t count)
{
    static const char names[] = SHIM_SECRET_NAMES;
    shim_part found;
    return shim_word_place(text, count, (const uint8_t *)names, sizeof names - 1, &found) >= 0;
}

/* JSON */

static _Bool is_numeric(uint8_t byte)
{
    return is_digit(byte) || is_one_of("-+.eE", byte);
}

size_t shim_json_token_end(const uint8_t *text, size_t count, size_t start)
{
    size_t end = start + 1;
    if (text[start] == '"') {
        while (end < count && text[end] != '"')
            end += text[end] == '\\' ? 2 : 1;
        end++;
    } else if (is_digit(text[start]) || text[start] == '-') {
        while (end < count && is_numeric(text[end]))
            end++;
    }
    return end < count ? end : count;
}

/* Behind a name, its colon and white space; 0 when it is no name. */
static size_t value_start(const uint8_t *text, size_t count, size_t start, size_t end)
{
    if (text[start] != '"')
        return 0;
    end = skip(text, count, end, " \t\r\n");
    return end < count && text[end] == ':' ? skip(text, count, end + 1, " \t\r\n") : 0;
}

shim_part shim_json_secret(const uint8_t *text, size_t count, size_t start, size_t end)
{
    size_t value = value_start(text, count, start, end);
    size_t depth = 0;
    /* true, false and null say nothing. */
    if (value == 0 || value >= count || is_letter(text[value])
        || !shim_is_secret_name(text + start + 1, end - start - 2))
        return nothing;
    for (end = value; end < count;) {
        if (is_one_of("{[", text[end]))
            depth++;
        else if (is_one_of("}]", text[end]))
            depth--;
        end = shim_json_token_end(text, count, end);
        if (depth == 0)
            break;
    }
    return (shim_part){value, end};
}

shim_part shim_next_json_secret(const uint8_t *text, size_t count, size_t *offset, size_t *hidden_end)
{
    while (*offset < count) {
        size_t start = *offset;
        size_t end = *offset = shim_json_token_end(text, count, start);
        shim_part value = shim_json_secret(text, count, start, end);
        if (value.end > *hidden_end)
            *hidden_end = value.end;
        if (start < *hidden_end && value_start(text, count, start, end) == 0
            && (text[start] == '"' || is_digit(text[start]) || text[start] == '-'))
            return (shim_part){start, end};
    }
    return nothing;
}

/* Text */

/* Where what stands alone ends: a word, or what a server made of a key. */
static size_t plain_end(const uint8_t *text, size_t count, size_t offset)
{
    while (offset < count && text[offset] > 0x20 && !is_one_of(",;&<>()[]{}\"'\\", text[offset]))
        offset++;
    return offset;
}

/* In quotes, which have as many backslashes in front at both ends. An object or a list ends where
   nobody can tell in a text that may have been cut: all that follows is taken. */
static shim_part quoted_value(const uint8_t *text, size_t count, size_t offset)
{
    size_t start = skip(text, count, offset, "\\");
    size_t escapes = start - offset, before = 0;
    if (start == count)
        return nothing;
    if (is_one_of("{[", text[start]))
        return (shim_part){start, count};
    if (!is_one_of("\"'", text[start]))
        return nothing;
    for (size_t end = ++start; end < count; end++) {
        if (text[end] == text[start - 1] && before == escapes)
            return (shim_part){start, end - escapes};
        before = text[end] == '\\' ? before + 1 : 0;
    }
    return (shim_part){start, count};
}

/* Only what has a digit: a sentence goes on behind a colon, too. */
static shim_part plain_value(const uint8_t *text, size_t count, size_t start, _Bool is_certain)
{
    static const char schemes[] = "basic bearer";
    size_t end = plain_end(text, count, start);
    shim_part found;
    if (shim_word_place(text + start, end - start, (const uint8_t *)schemes, sizeof schemes - 1,
                        &found) >= 0) {
        start = skip(text, count, end, " ");
        end = plain_end(text, count, start);
        is_certain = 1;
    }
    for (size_t offset = start; offset < end && !is_certain; offset++)
        is_certain = is_digit(text[offset]);
    return is_certain ? (shim_part){start, end} : nothing;
}

shim_part shim_named_secret(const uint8_t *text, size_t count, size_t offset)
{
    static const char signing[] = "whsec_";
    size_t end = offset, length = sizeof signing - 1;
    shim_part value;
    if (!is_letter(text[offset]) || (offset > 0 && is_in_word(text[offset - 1])))
        return nothing;
    while (end < count && is_in_word(text[end]))
        end++;
    if (end - offset > length && memcmp(text + offset, signing, length) == 0)
        return (shim_part){offset, plain_end(text, count, end)};
    if (!shim_is_secret_name(text + offset, end - offset))
        return nothing;
    end = skip(text, count, end, "\\\"' ");
    if (end == count || !is_one_of(":=", text[end]))
        return nothing;
    offset = end;
    end = skip(text, count, end + 1, " ");
    value = quoted_value(text, count, end);
    return value.end > 0 ? value : plain_value(text, count, end, text[offset] == '=');
}
