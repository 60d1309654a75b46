/* Names every descriptor that this program was started with but the streams. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    DIR *listing = opendir("/proc/self/fd");
    struct dirent *entry;
    char target[256];

    if (listing == NULL) {
        return 1;
    }
    while ((entry = readdir(listing)) != NULL) {
        int number = atoi(entry->d_name);
        ssize_t length = readlinkat(dirfd(listing), entry->d_name, target, sizeof target);
        if (entry->d_name[0] != '.' && number > 2 && number != dirfd(listing)) {
            printf("%d %.*s\n", number, length > 0 ? (int)length : 0, target);
        }
    }
    closedir(listing);
    return 0;
}
