/* The file that an answer is written to, beside its place until it is whole. */
#ifndef TRILLET_DOWNLOAD_SHIMS_H
#define TRILLET_DOWNLOAD_SHIMS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Makes the new file look like the one whose place it takes; 0 when it can stand in for it, an errno
   when that one is not to be written, SHIM_OUTPUT_REWRITE when it must be written itself. */
int shim_output_resemble(int descriptor, const char *place, const struct stat *old);

/* Opens or makes the part, for its owner alone, and keeps others from writing to it. Answers a
   descriptor or a negative errno; `size` is what was there of it, `rewrites` as shim_output_create
   has it. `place` must have no symbolic links at its end. */
int shim_download_open(const char *part, const char *place, int64_t *size, int *rewrites);

/* Writes at the offset; 0 or an errno. The disk is kept busy, so that the end waits little for it. */
int shim_download_write(int descriptor, const void *from, size_t count, int64_t offset);

/* Drops what is there, and what was noted of it; 0 or an errno. */
int shim_download_clear(int descriptor);

/* Notes at the part what it is a part of, and the version; not on every file system. */
void shim_download_note(int descriptor, const void *url, size_t url_length, const void *version,
                        size_t version_length);

/* The version that was noted since this system started, for this address; its length, 0 for none. */
size_t shim_download_noted(int descriptor, const void *url, size_t url_length, void *version,
                           size_t capacity);

/* How long the file is by what a RIFF file, such as WAVE, begins with; -1 when it does not say so. */
int64_t shim_download_stated(int descriptor);

/* Brings everything to the disk, without the note, if the part is still this file; 0 or an errno. */
int shim_download_finish(int descriptor, const char *part);

#endif
