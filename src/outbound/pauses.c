#include "outbound/pauses.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/must.h"
#include "store/store.h"

struct pauses {
    struct store *store;
    struct pause *at;
    size_t count, room;
    bool is_read;
    bool is_told; /* that it can't be read */
};

struct pauses *pauses_open(struct store *store)
{
    struct pauses *pauses = mem_new(sizeof *pauses);
    pauses->store = store;
    return pauses;
}

void pauses_close(struct pauses *pauses)
{
    if (pauses == NULL)
        return;
    free(pauses->at);
    free(pauses);
}

void pauses_rolled_back(struct pauses *pauses)
{
    pauses->is_read = false;
}

/* Room for one more than there are shows that all were read. */
static bool pauses_read(struct pauses *pauses)
{
    while (!pauses->is_read) {
        if (pauses->count == pauses->room) {
            pauses->room = pauses->room * 2 + 16;
            pauses->at = mem_grow(pauses->at, pauses->room * sizeof *pauses->at);
        }
        if (store_pause_list(pauses->store, pauses->at, pauses->room, &pauses->count) != STORE_OK) {
            if (!pauses->is_told)
                log_error("what is paused can't be read: every program is why=\"%s\"",
                          store_fault(pauses->store));
            pauses->is_told = true;
            return false;
        }
        pauses->is_read = pauses->count < pauses->room;
    }
    pauses->is_told = false;
    return true;
}

static struct pause *pause_of(const struct pauses *pauses, int64_t program)
{
    for (size_t i = 0; i < pauses->count; i++)
        if (pauses->at[i].program == program)
            return &pauses->at[i];
    return NULL;
}

int64_t pauses_since(struct pauses *pauses, int64_t program)
{
    if (!pauses_read(pauses))
        return PAUSES_UNREAD;
    const struct pause *pause = pause_of(pauses, PAUSES_ALL);
    if (pause == NULL)
        pause = pause_of(pauses, program);
    return pause == NULL ? 0 : pause->at;
}

void pauses_put(struct pauses *pauses, int64_t program, int64_t now_ms)
{
    struct pause pause = {.program = program, .at = now_ms};
    store_pause_put(pauses->store, &pause);
    pauses->is_read = false;
}

void pauses_drop(struct pauses *pauses, int64_t program)
{
    store_pause_drop(pauses->store, program);
    pauses->is_read = false;
}
