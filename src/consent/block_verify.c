/* The block log held against the ledger: each block is found in it by what it says and when, and it has no other. */
#include "base/must.h"
#include "consent/ledger.h"
#include "verify_parts.h"

static const char *said(const struct verified *record, const char *name)
{
    return json_string_value(json_object_get(record->payload, name));
}

bool blocks_meet(struct store *store, struct ledger_check *check, const struct verified *record)
{
    int64_t at;
    const char *account = said(record, "account"), *code = said(record, "code");
    if (!time_read(octets_text(record->at), &at))
        return true; /* the log never knew of it */
    enum store_result found = store_block_has(store, record->program == NULL ? "" : record->program,
                                              account == NULL || code == NULL ? NULL : account, code, record->seq, at);
    if (found == STORE_FAILED)
        return verify_fault(check, record->seq, "the block log can't be read: %s", store_fault(store));
    return found == STORE_OK || verify_fault(check, record->seq, "the block log doesn't know of it");
}

bool blocks_finish(struct store *store, struct ledger_check *check, int64_t blocks)
{
    size_t count = 0;
    int64_t logged = 0;
    struct block_class *classes = NULL;
    struct region *region = region_new();
    bool is_read = store_block_classes(store, region, &classes, &count) != STORE_FAILED;
    for (size_t i = 0; is_read && i < count; i++) {
        int64_t more = store_block_count(store, &classes[i], check->records);
        is_read = more >= 0;
        logged += more;
    }
    region_free(region);
    if (!is_read)
        return verify_fault(check, check->records, "the block log can't be read: %s", store_fault(store));
    return logged == blocks || verify_fault(check, check->records, "the block log has %lld blocks, and the ledger %lld",
                                            (long long)logged, (long long)blocks);
}
