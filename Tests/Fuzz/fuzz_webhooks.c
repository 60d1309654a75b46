/* A webhook: its signature, the options, and its body, which is every line but the first two. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char plain[] = "{\"scheme\":\"secret\",\"secret\":\"whsec_a\"}";
    fuzz_input input = {data, size};
    char *signature = fuzz_line(&input);
    char *options = fuzz_line(&input);
    char *body = fuzz_copy(input.next, input.left);

    fuzz_take(trillet_webhook_verify(body, input.left, signature, options));
    /* Whatever the signature is, the body is to be read. */
    fuzz_take(trillet_webhook_verify(body, input.left, "whsec_a", plain));
    free(body);
    free(options);
    free(signature);
    return 0;
}
