/* http_batch: many rows in one request. Private to the door. */
#ifndef DOORS_HTTP_BATCH_H
#define DOORS_HTTP_BATCH_H

struct ask;

/* `handle` answers one row, ask->json, as the single call would. With a key (NULL: none) no row is done twice. */
void batch_begin(struct ask *ask, void (*handle)(struct ask *ask), const char *key);

#endif
