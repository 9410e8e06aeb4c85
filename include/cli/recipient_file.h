/* recipient_file: the file of a campaign's recipients, read again beside what the gateway says of its rows: which line a row
 * stands in, and the number as it is written there. Rows are counted as the gateway counts them. */
#ifndef CLI_RECIPIENT_FILE_H
#define CLI_RECIPIENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recipient_file;

/* By its name: .ndjson or .jsonl, an object a line; else it is CSV. */
bool recipient_file_is_ndjson(const char *path);

/* NULL: it can't be read again, as stdin ("-") and pipes, or not any more. */
struct recipient_file *recipient_file_open(const char *path);
void recipient_file_close(struct recipient_file *file); /* NULL is allowed */

/* Rows are asked for in their order, counted from 1. 0: the file has no such row, or is another by now. */
size_t recipient_file_line(struct recipient_file *file, int64_t row);
/* Of the row that was found last; NULL: it can't be read. The caller frees it. */
char *recipient_file_phone(const struct recipient_file *file);

#endif
