#include "consent/ledger_verify.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/must.h"
#include "verify_parts.h"

bool ledger_verify_store(struct store *store, const struct ledger_known *known,
                         struct ledger_check *out)
{
    struct chain chain;
    if (!chain_begin(&chain, known, out))
        return false;
    if (store_has_seals(store)) { /* else it is of an older version, which knew neither */
        chain.seals = seals_new(store, out);
        chain.derived = derived_new(store, out);
    }
    bool is_walked = store_ledger_walk(store, 0, chain_meet, &chain) != STORE_FAILED;
    bool is_read = is_walked || !out->is_whole || store_is_damaged(store);
    if (!is_walked && out->is_whole)
        verify_fault(out, out->records + 1, "it can't be read: %.150s", store_fault(store));
    if (is_read)
        chain_end(&chain);
    chain_wipe(&chain);
    return is_read;
}

/* ---- in pieces ---- */

struct ledger_pass {
    struct store *store;
    struct ledger_check check;
    struct chain chain;
    size_t left;      /* records that this step may still read */
};

struct ledger_pass *ledger_pass_open(struct store *store, const uint8_t *public_key)
{
    struct ledger_pass *pass = mem_new(sizeof *pass);
    pass->store = store;
    chain_begin(&pass->chain, &(struct ledger_known){.public_key = public_key}, &pass->check);
    return pass;
}

void ledger_pass_close(struct ledger_pass *pass)
{
    if (pass == NULL)
        return;
    chain_wipe(&pass->chain);
    free(pass);
}

const struct ledger_check *ledger_pass_check(const struct ledger_pass *pass)
{
    return &pass->check;
}

static bool pass_meet(void *who, const struct ledger_raw *raw)
{
    struct ledger_pass *pass = who;
    return chain_meet(&pass->chain, raw) && --pass->left > 0;
}

static enum ledger_progress pass_at_end(struct ledger_pass *pass)
{
    struct chain *chain = &pass->chain;
    if (chain->erased_count > 0)
        chain_end(chain);
    else if (chain->head_seq > pass->check.records)
        verify_fault(&pass->check, pass->check.records + 1, "it is missing, and was there: the ledger ends before it");
    return pass->check.is_whole ? LEDGER_AT_END : LEDGER_BROKEN;
}

/* A file that is damaged stays so; whatever else it was may pass. */
static enum ledger_progress pass_unread(struct ledger_pass *pass)
{
    const char *fault = store_fault(pass->store);
    if (store_is_damaged(pass->store)) {
        verify_fault(&pass->check, pass->check.records + 1, "it can't be read: %.150s", fault);
        return LEDGER_BROKEN;
    }
    snprintf(pass->check.why, sizeof pass->check.why, "it can't be read: %.150s", fault);
    return LEDGER_UNREADABLE;
}

enum ledger_progress ledger_pass_step(struct ledger_pass *pass, size_t most, int64_t head_seq, const char *head_hash)
{
    struct chain *chain = &pass->chain;
    pass->left = most;
    if (head_seq > pass->check.records) {
        chain->head_seq = head_seq;
        memcpy(chain->head_hash, head_hash, DIGEST_HEX_SIZE);
    }
    enum store_result keyed = store_ledger_is_keyed(pass->store);
    if (keyed == STORE_NONE) /* one step could take all of it */
        verify_fault(&pass->check, 1, "the table isn't the one that was made for it");
    if (!pass->check.is_whole)
        return LEDGER_BROKEN;
    bool is_read = keyed == STORE_OK &&
                   store_ledger_walk(pass->store, pass->check.records, pass_meet, pass) != STORE_FAILED;
    if (!pass->check.is_whole)
        return LEDGER_BROKEN;
    if (!is_read)
        return pass_unread(pass);
    return pass->left > 0 ? pass_at_end(pass) : LEDGER_GOES_ON;
}

/* ---- exports ---- */

static bool check_line(struct chain *chain, const char *line, size_t length)
{
    json_error_t error;
    int64_t expected = chain->check->records + 1;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object) || !json_is_integer(json_object_get(object, "seq"))) {
        json_decref(object);
        return verify_fault(chain->check, expected, "its line is not a JSON object with a seq");
    }
    struct ledger_raw raw = {.seq = json_integer_value(json_object_get(object, "seq")),
                             .is_text[SEQ] = true};
    for (int i = AT; i < COLUMNS; i++) {
        const json_t *value = json_object_get(object, ledger_columns[i]);
        if (value == NULL || json_is_null(value))
            continue;
        raw.is_text[i] = json_is_string(value);
        raw.column[i] = octets_of(raw.is_text[i] ? json_string_value(value) : "",
                                  raw.is_text[i] ? json_string_length(value) : 0);
    }
    bool is_good = chain_meet(chain, &raw);
    json_decref(object);
    return is_good;
}

bool ledger_verify_export(FILE *ndjson, const struct ledger_known *known, struct ledger_check *out)
{
    struct chain chain;
    if (!chain_begin(&chain, known, out))
        return false;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while (out->is_whole && (length = getline(&line, &room, ndjson)) > 0)
        if (line[0] != '\n')
            check_line(&chain, line, (size_t)length);
    bool can_be_read = ferror(ndjson) == 0;
    free(line);
    chain_end(&chain);
    chain_wipe(&chain);
    return can_be_read;
}

static bool export_record(void *who, const struct ledger_raw *raw)
{
    json_t *object = json_object();
    json_object_set_new(object, "seq", json_integer(raw->seq));
    for (int i = AT; i < COLUMNS; i++) {
        bool is_there = raw->column[i].at != NULL && raw->is_text[i];
        json_object_set_new(object, ledger_columns[i],
                            is_there ? json_stringn((const char *)raw->column[i].at,
                                                    raw->column[i].length)
                                     : json_null());
    }
    bool is_written = json_dumpf(object, who, JSON_COMPACT) == 0 && fputc('\n', who) != EOF;
    json_decref(object);
    return is_written;
}

bool ledger_export(struct store *store, FILE *out)
{
    return store_ledger_walk(store, 0, export_record, out) == STORE_OK && fflush(out) == 0 &&
           ferror(out) == 0;
}
