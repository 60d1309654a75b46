#include "fuzz.h"

#include <stdio.h>
#include <string.h>

static void fail(const char *problem, const char *answer)
{
    fprintf(stderr, "%s: %.2000s\n", problem, answer == NULL ? "NULL" : answer);
    abort();
}

/* Only the shape that every well-formed UTF-8 text has. */
static int is_utf8(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    while (*byte != 0) {
        int more = *byte < 0x80 ? 0 : *byte < 0xE0 ? 1 : *byte < 0xF0 ? 2 : 3;
        if ((*byte >= 0x80 && *byte < 0xC2) || *byte > 0xF4)
            return 0;
        for (byte++; more > 0; more--, byte++)
            if ((*byte & 0xC0) != 0x80)
                return 0;
    }
    return 1;
}

static void take(char *answer, char first, char last)
{
    size_t length = answer == NULL ? 0 : strlen(answer);
    if (length < 2 || answer[0] != first || answer[length - 1] != last)
        fail("The answer is not what was promised", answer);
    if (!is_utf8(answer))
        fail("The answer is not UTF-8", answer);
    trillet_free(answer);
}

void fuzz_take(char *answer)
{
    take(answer, '{', '}');
}

void fuzz_take_array(char *answers)
{
    take(answers, '[', ']');
}

char *fuzz_copy(const void *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *fuzz_text_without(const void *data, size_t size, const char *forbidden)
{
    char *text = malloc(size + 1);
    char *found;
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    while (*forbidden != 0 && (found = strstr(text, forbidden)) != NULL)
        *found = '_';
    return text;
}

char *fuzz_line(fuzz_input *input)
{
    const uint8_t *start = input->next;
    const uint8_t *end = input->left > 0 ? memchr(start, '\n', input->left) : NULL;
    size_t length = end == NULL ? input->left : (size_t)(end - start);
    size_t taken = end == NULL ? input->left : length + 1;
    input->next += taken;
    input->left -= taken;
    return fuzz_text_without(start, length, "");
}
