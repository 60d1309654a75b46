/* The functions of trillet.h, as the header itself names them. */
#ifndef HEADER_NAMES_H
#define HEADER_NAMES_H

#include <stddef.h>

enum { MOST_NAMES = 128 };

typedef struct name_list {
    char *names[MOST_NAMES];
    size_t count;
} name_list;

/* Adds a name, unless it is there already. */
void name_list_add(name_list *list, const char *name, size_t length);

/* The names in their order with a space behind each; empties the list. Free it with free(). */
char *name_list_joined(name_list *list);

/* Adds every function that the text of a header declares and whose parameters begin so; "" takes
   them all. What stands in comments is left out. */
void header_functions(const char *header, const char *parameters, name_list *list);

#endif
