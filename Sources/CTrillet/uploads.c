#include "shims.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* So that a block of a queued upload costs 8 bytes of memory: 5 KB for the largest file. */
enum { BLOCK = 32 * 1024 };

/* Every step can be undone, so two texts that differ in one word never have the same sum; the seed
   is not the same twice, so nobody can write a file whose sums repeat.
   docs/decisions.md, upload-block-sums. */
static uint64_t mixed(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x9FB21C651E98DF25);
    return sum ^ (sum >> 29);
}

struct shim_fingerprint {
    uint64_t seed;
    uint64_t *sums;
    size_t count;
    size_t capacity;
    /* Of the block that is being read. */
    unsigned char block[BLOCK];
    size_t filled;
};

static uint64_t sum_of(uint64_t seed, const unsigned char *bytes, size_t count)
{
    uint64_t sum = seed ^ count;
    uint64_t word;
    for (; count >= sizeof word; bytes += sizeof word, count -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        sum = mixed(sum, word);
    }
    word = 0;
    memcpy(&word, bytes, count);
    return mixed(sum, word);
}

shim_fingerprint *shim_fingerprint_new(void)
{
    shim_fingerprint *print = malloc(sizeof *print);
    if (print == NULL)
        return NULL;
    print->seed = shim_random_seed();
    print->sums = NULL;
    print->count = print->capacity = print->filled = 0;
    return print;
}

void shim_fingerprint_free(shim_fingerprint *print)
{
    if (print == NULL)
        return;
    free(print->sums);
    free(print);
}

static int end_block(shim_fingerprint *print)
{
    if (print->count == print->capacity) {
        size_t capacity = print->capacity == 0 ? 4 : print->capacity * 2;
        uint64_t *sums = realloc(print->sums, capacity * sizeof *sums);
        if (sums == NULL)
            return 0;
        print->sums = sums;
        print->capacity = capacity;
    }
    print->sums[print->count++] = sum_of(print->seed, print->block, print->filled);
    print->filled = 0;
    return 1;
}

int shim_fingerprint_add(shim_fingerprint *print, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        size_t room = BLOCK - print->filled;
        size_t taken = count < room ? count : room;
        memcpy(print->block + print->filled, bytes, taken);
        print->filled += taken;
        bytes += taken;
        count -= taken;
        if (print->filled == BLOCK && !end_block(print))
            return 0;
    }
    return 1;
}

shim_fingerprint *shim_fingerprint_end(shim_fingerprint *print)
{
    if (print->filled > 0 && !end_block(print))
        return NULL;
    /* It is kept as long as the request waits; the block is not needed any more. */
    size_t kept = offsetof(shim_fingerprint, block);
    shim_fingerprint *smaller = realloc(print, kept);
    return smaller == NULL ? print : smaller;
}

struct shim_upload {
    int descriptor;
    int problem;
    int64_t size;
    int64_t offset;
    int64_t missing;
    const shim_fingerprint *checked;
    /* The block that was read last, and where in the file it begins; negative for none. */
    int64_t loaded;
    size_t loaded_count;
    unsigned char block[BLOCK];
};

shim_upload *shim_upload_new(int descriptor, int64_t size, const shim_fingerprint *checked)
{
    shim_upload *upload = malloc(sizeof *upload);
    if (upload == NULL) {
        close(descriptor);
        return NULL;
    }
    upload->descriptor = descriptor;
    upload->problem = SHIM_UPLOAD_GOOD;
    upload->size = size;
    upload->offset = upload->missing = 0;
    upload->checked = checked;
    upload->loaded = -1;
    upload->loaded_count = 0;
    return upload;
}

void shim_upload_free(shim_upload *upload)
{
    if (upload == NULL)
        return;
    close(upload->descriptor);
    free(upload);
}

/* Reads the block that the offset is in. What it holds is compared before a byte of it goes out. */
static int load_block(shim_upload *upload)
{
    int64_t start = upload->offset - upload->offset % BLOCK;
    int64_t rest = upload->size - start;
    size_t wanted = rest < BLOCK ? (size_t)rest : BLOCK;
    size_t count = 0;
    if (upload->loaded == start)
        return 1;
    upload->loaded = -1;
    while (count < wanted) {
        int64_t got = shim_append_read(upload->descriptor, upload->block + count, wanted - count,
                                       start + (int64_t)count);
        if (got <= 0) {
            upload->problem = got == 0 ? SHIM_UPLOAD_SHORTER : SHIM_UPLOAD_UNREADABLE;
            upload->missing = got == 0 ? upload->size - start - (int64_t)count : -got;
            return 0;
        }
        count += (size_t)got;
    }
    if (upload->checked != NULL) {
        size_t index = (size_t)(start / BLOCK);
        if (index >= upload->checked->count
            || upload->checked->sums[index] != sum_of(upload->checked->seed, upload->block, count)) {
            upload->problem = SHIM_UPLOAD_CHANGED;
            return 0;
        }
    }
    upload->loaded = start;
    upload->loaded_count = count;
    return 1;
}

int shim_upload_prime(shim_upload *upload)
{
    return upload->size == 0 || load_block(upload);
}

static size_t read_upload(char *into, size_t size, size_t count, void *context)
{
    shim_upload *upload = context;
    size_t room = size * count;
    if (upload->offset >= upload->size)
        return 0;
    if (!load_block(upload))
        return CURL_READFUNC_ABORT;
    size_t begin = (size_t)(upload->offset - upload->loaded);
    size_t taken = upload->loaded_count - begin;
    if (taken > room)
        taken = room;
    memcpy(into, upload->block + begin, taken);
    upload->offset += (int64_t)taken;
    return taken;
}

static int seek_upload(void *context, curl_off_t offset, int origin)
{
    shim_upload *upload = context;
    if (origin != SEEK_SET || offset < 0 || offset > upload->size)
        return CURL_SEEKFUNC_FAIL;
    upload->offset = offset;
    return CURL_SEEKFUNC_OK;
}

CURLcode shim_upload_attach(shim_upload *upload, curl_mimepart *part)
{
    return curl_mime_data_cb(part, upload->size, read_upload, seek_upload, NULL, upload);
}

int shim_upload_problem(const shim_upload *upload, int64_t *detail)
{
    *detail = upload->missing;
    return upload->problem;
}
