/* Where secrets stand in texts, for Sources/Trillet/Observation. In C, which takes a third of what the
   same takes in Swift. docs/decisions.md, named-secrets. */
#ifndef TRILLET_SECRETS_H
#define TRILLET_SECRETS_H

#include <stddef.h>
#include <stdint.h>

/* From `start` up to `end`; nothing when they are equal. */
typedef struct {
    size_t start;
    size_t end;
} shim_part;

/* The place of `text` among words with a space between them, whatever its case, and `_`, `-` or `.`
   between its parts; -1 for none. `found` is where in `words` it stands. */
int64_t shim_word_place(const uint8_t *text, size_t count, const uint8_t *words, size_t words_count,
                        shim_part *found);

/* The end of the string or number at `start` of well-formed JSON; of anything else, its first
   byte's. */
size_t shim_json_token_end(const uint8_t *text, size_t count, size_t start);

/* The value behind the string from `start` to `end`, when that is the name of a secret. */
shim_part shim_json_secret(const uint8_t *text, size_t count, size_t start, size_t end);

/* The next string or number, from `*offset` on, that is a secret's value or in one. */
shim_part shim_next_json_secret(const uint8_t *text, size_t count, size_t *offset, size_t *hidden_end);

/* The value of a secret whose name begins at `offset`, in a text of any kind: JSON in a string of
   JSON is as likely as a header. */
shim_part shim_named_secret(const uint8_t *text, size_t count, size_t offset);

/* Whether that is the name of a secret. */
_Bool shim_is_secret_name(const uint8_t *text, size_t count);

#endif
