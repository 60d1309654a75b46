#include <stdio.h>
#include <string.h>
#include <trillet.h>

int main(void)
{
    printf("libtrillet %s\n", trillet_version());
    return strcmp(trillet_version(), TRILLET_VERSION) == 0 ? 0 : 1;
}
