/* A fuzz target on the library that is shipped: each seed as it is, then inputs made from seeds.

       replay SEED COUNT FAILED-INPUT FILE...

   SEED decides which inputs are made. One that ends the program, or takes longer than ten seconds,
   is left in FAILED-INPUT. */
#include "fuzz.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_SEED = 16384, LARGEST = 2 * LARGEST_SEED, SECONDS = 10, MOST_CHANGES = 6 };

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

static const char *failed_path;
static bytes running;

static void give_up(const char *what, const char *which)
{
    fprintf(stderr, "replay: %s: %s\n", which, what);
    exit(2);
}

/* Only what may be called in a signal handler. */
static void keep_input(int signal_number)
{
    static const char words[] = "The target ended; its input is kept.\n";
    int file = open(failed_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ssize_t written = file < 0 ? -1 : write(file, running.data, running.size);

    written += write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void watch(void)
{
    static const int numbers[] = {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    size_t index;

    for (index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        signal(numbers[index], keep_input);
    }
}

static bytes read_file(const char *path)
{
    bytes content = {malloc(LARGEST_SEED), 0};
    FILE *file = fopen(path, "rb");

    if (content.data == NULL || file == NULL) {
        give_up("cannot be read", path);
    }
    content.size = fread(content.data, 1, LARGEST_SEED, file);
    fclose(file);
    return content;
}

static void run(const uint8_t *data, size_t size)
{
    /* Of exactly this size, so that a read behind its end is seen by those who look. */
    uint8_t *copy = (uint8_t *)fuzz_copy(data, size);

    running.data = copy;
    running.size = size;
    alarm(SECONDS);
    LLVMFuzzerTestOneInput(copy, size);
    alarm(0);
    free(copy);
}

/* xorshift: the same inputs for the same seed everywhere. */
static uint64_t state;

static size_t below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return limit == 0 ? 0 : (size_t)(state % limit);
}

static void insert(bytes *input, size_t at, const uint8_t *piece, size_t length)
{
    if (input->size + length > LARGEST) {
        return;
    }
    memmove(input->data + at + length, input->data + at, input->size - at);
    memcpy(input->data + at, piece, length);
    input->size += length;
}

static void insert_telling_bytes(bytes *input)
{
    static const char *const telling[] = {
        "\"", "\"\"", "\n", "\r\n", ",", ";", "\t", "{", "}", "[", "]", "\\", "\\u", "\\ud800",
        "null", "true", "1e999", "-0", "9223372036854775808", "18446744073709551616", "\xff",
        "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xef\xbb\xbf", "\xff\xfe", "+1", "/../",
        "%00", ":", "?", "#", " ",
    };
    const char *piece = telling[below(sizeof telling / sizeof *telling)];

    insert(input, below(input->size + 1), (const uint8_t *)piece, strlen(piece));
}

static void change(bytes *input, const bytes *other)
{
    size_t at = below(input->size);
    size_t length = below(input->size - at + 1);

    switch (below(6)) {
    case 0:
        insert_telling_bytes(input);
        break;
    case 1:
        if (input->size > 0) {
            input->data[at] = (uint8_t)(input->data[at] ^ (1u << below(8)));
        }
        break;
    case 2:
        memmove(input->data + at, input->data + at + length, input->size - at - length);
        input->size -= length;
        break;
    case 3: {
        char *piece = fuzz_copy(input->data + at, length);
        insert(input, below(input->size + 1), (const uint8_t *)piece, length);
        free(piece);
        break;
    }
    case 4:
        input->size = at;
        break;
    default: {
        size_t from = below(other->size);
        insert(input, below(input->size + 1), other->data + from, below(other->size - from + 1));
    }
    }
}

int main(int argc, char **argv)
{
    static uint8_t buffer[LARGEST];
    size_t seeds = argc > 4 ? (size_t)argc - 4 : 0;
    bytes *contents = calloc(seeds + 1, sizeof *contents);
    long count;
    size_t index;

    if (seeds == 0 || contents == NULL) {
        give_up("usage: replay SEED COUNT FAILED-INPUT FILE...", "arguments");
    }
    state = strtoull(argv[1], NULL, 10) * 2 + 1;
    failed_path = argv[3];
    watch();
    for (index = 0; index < seeds; index++) {
        contents[index] = read_file(argv[4 + index]);
        run(contents[index].data, contents[index].size);
    }
    for (count = atol(argv[2]); count > 0; count--) {
        const bytes *origin = &contents[below(seeds)];
        bytes input = {buffer, origin->size};
        size_t changes = 1 + below(MOST_CHANGES);

        memcpy(buffer, origin->data, origin->size);
        while (changes-- > 0) {
            change(&input, &contents[below(seeds)]);
        }
        run(input.data, input.size);
    }
    printf("%zu seeds and %s made of them (seed %s)\n", seeds, argv[2], argv[1]);
    return 0;
}
